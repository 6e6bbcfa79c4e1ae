#include "control_state.h"

namespace continuo::notation {
namespace {

using score::ControlChange;
using score::Ticks;

// Source: MIDI 1.0, "Control Change Messages", "Registered Parameter Numbers" and "Channel Mode Messages"; what a reset
// leaves alone: Recommended Practice 15.
constexpr int kSostenuto = 66, kHeld = 64;  // from this value on a pedal is down
constexpr int kDataEntry = 6, kDataEntryFine = 38, kDataIncrement = 96, kDataDecrement = 97;
constexpr int kUnregisteredFine = 98, kUnregistered = 99, kRegisteredFine = 100, kRegistered = 101;
constexpr int kFirstMode = 120;

bool is_data(int controller) {
  return controller == kDataEntry || controller == kDataEntryFine || controller == kDataIncrement ||
         controller == kDataDecrement;
}

bool survives_reset(int controller) {
  constexpr int kVolume = 7, kPan = 10, kFirstSound = 70, kLastSound = 79, kFirstEffect = 91, kLastEffect = 95;
  return is_bank(controller) || controller == kVolume || controller == kPan ||
         (kFirstSound <= controller && controller <= kLastSound) ||
         (kFirstEffect <= controller && controller <= kLastEffect);
}

bool is_parameter(int controller) { return kUnregisteredFine <= controller && controller <= kRegistered; }

// Whether a reset changes what the event has set. The value of a parameter survives.
bool is_set_by_reset(const ControlChange& event) {
  return event.controller < kFirstMode && !survives_reset(event.controller) && !is_data(event.controller) &&
         !is_parameter(event.controller) && !is_for_next_note(event.controller);
}

// Source: Recommended Practice 15, and for those that it does not name, what synthesizers do.
std::int16_t value_after_reset(int controller) {
  constexpr int kExpression = 11;
  return controller == kExpression ? 127 : 0;
}

}  // namespace

void ControlState::feed(const ControlChange& event, std::vector<ControlChange>& changes) {
  if (event.controller >= kFirstMode) return feed_mode(event, changes);
  if (is_data(event.controller)) return feed_data(event, changes);
  if (is_parameter(event.controller)) return choose_parameter(event);
  if (is_for_next_note(event.controller)) return changes.push_back(event);
  std::int16_t& value = values_[event.controller];
  if (value == event.value) return;
  value = event.value;
  changes.push_back(event);
}

std::vector<ControlChange> ControlState::events_at(Ticks onset) const {
  std::vector<ControlChange> events;
  for (int i = 0; i < kControllers; ++i) {
    const std::int16_t value = values_[static_cast<std::size_t>(i)];
    if (value != kUnknown) events.push_back({onset, static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(value)});
  }
  for (const auto& [parameter, data] : data_) {
    put_parameter(parameter, onset, score::TickPlace::between, events);
    for (const auto& [controller, value] : data) events.push_back({onset, controller, value});
  }
  return events;
}

bool ControlState::is_held() const {
  return values_[kSustain] >= kHeld || values_[kSostenuto] >= kHeld || values_[kHold] >= kHeld;
}

void ControlState::put_parameter(const Parameter& parameter, Ticks onset, score::TickPlace place,
                                 std::vector<ControlChange>& events) {
  const auto put = [&](int controller, std::uint8_t value) {
    events.push_back({onset, static_cast<std::uint8_t>(controller), value, place});
  };
  put(parameter.registered ? kRegistered : kUnregistered, parameter.coarse);
  put(parameter.registered ? kRegisteredFine : kUnregisteredFine, parameter.fine);
}

void ControlState::choose_parameter(const ControlChange& event) {
  const bool registered = event.controller >= kRegisteredFine;
  if (registered != chosen_.registered) chosen_ = {registered, kNoParameter, kNoParameter};
  const bool coarse = event.controller == kRegistered || event.controller == kUnregistered;
  (coarse ? chosen_.coarse : chosen_.fine) = event.value;
}

void ControlState::feed_data(const ControlChange& event, std::vector<ControlChange>& changes) {
  if (chosen_.is_none()) return;
  auto& data = data_[chosen_];
  const auto known = data.find(event.controller);
  const bool sets = event.controller == kDataEntry || event.controller == kDataEntryFine;
  if (sets && known != data.end() && known->second == event.value) return;
  if (sets) data[event.controller] = event.value;
  put_parameter(chosen_, event.onset, event.place, changes);
  changes.push_back(event);
}

// Tracks that share a channel send the same mode message, each with what follows it in its tick. One is kept: a reset
// that comes again undoes what the tick has set since, which then comes again as well.
void ControlState::feed_mode(const ControlChange& event, std::vector<ControlChange>& changes) {
  const bool comes_again =
      event.onset == last_mode_.onset && event.controller == last_mode_.controller && event.value == last_mode_.value;
  if (event.controller == kResetAllControllers) {
    reset();
    const auto is_undone = [&](const ControlChange& each) {
      return each.onset == event.onset && is_set_by_reset(each);
    };
    if (comes_again) std::erase_if(changes, is_undone);
  }
  if (!comes_again) changes.push_back(event);
  last_mode_ = event;
}

void ControlState::reset() {
  for (int i = 0; i < kControllers; ++i) {
    std::int16_t& value = values_[static_cast<std::size_t>(i)];
    if (value != kUnknown && !survives_reset(i)) value = value_after_reset(i);
  }
  chosen_ = {};
}

}  // namespace continuo::notation
