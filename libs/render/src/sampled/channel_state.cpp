#include "channel_state.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace continuo::render {
namespace {

// Source: MIDI 1.0, control change numbers.
enum Controller { kData = 6, kVolume = 7, kPan = 10, kExpression = 11, kFineData = 38, kSustain = 64, kSostenuto = 66 };
enum { kParameterLow = 100, kParameterHigh = 101, kResetAll = 121 };

}  // namespace

ChannelState::Change ChannelState::pedal(int& pedal, int value, Change down, Change up) {
  const bool was_down = pedal >= 64, is_down = value >= 64;
  pedal = value;
  if (was_down == is_down) return Change::none;
  return is_down ? down : up;
}

ChannelState::Change ChannelState::control(int controller, int value) {
  const bool sets_bend_range = parameter_high_ == 0 && parameter_low_ == 0;
  switch (controller) {
    case kVolume:
      volume_ = value;
      break;
    case kPan:
      pan_ = value;
      break;
    case kExpression:
      expression_ = value;
      break;
    case kParameterLow:
      parameter_low_ = value;
      break;
    case kParameterHigh:
      parameter_high_ = value;
      break;
    case kData:
      if (sets_bend_range) bend_range_ = std::min(value, 24) + (bend_range_ - std::floor(bend_range_));
      break;
    case kFineData:
      if (sets_bend_range) bend_range_ = std::floor(bend_range_) + std::min(value, 99) / 100.0;
      break;
    case kSustain:
      return pedal(sustain_, value, Change::none, Change::sustain_up);
    case kSostenuto:
      return pedal(sostenuto_, value, Change::sostenuto_down, Change::sostenuto_up);
    case kResetAll:
      expression_ = 127;
      sustain_ = sostenuto_ = 0;
      bend_ = 8192;
      parameter_high_ = parameter_low_ = 127;
      return Change::all_up;
    default:
      break;
  }
  return Change::none;
}

std::array<float, 2> ChannelState::gains() const {
  const double level = volume_ * expression_ / (127.0 * 127.0);
  const double place = pan_ <= 64 ? pan_ / 128.0 : 0.5 + (pan_ - 64) / 126.0;
  const double angle = place * std::numbers::pi / 2;
  return {static_cast<float>(level * level * std::cos(angle)), static_cast<float>(level * level * std::sin(angle))};
}

}  // namespace continuo::render
