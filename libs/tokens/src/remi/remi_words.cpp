#include "remi_words.h"

#include <algorithm>
#include <cmath>

#include "../core/grid_notes.h"
#include "../core/velocity_bins.h"

namespace continuo::tokens {
namespace {

constexpr int kLongestBarQuarters = 8;
constexpr int kLongestNoteQuarters = 32;

struct Range {
  int from, to, step;
};

// Both ends included.
void append(std::vector<int>& values, Range range) {
  for (int value = range.from; value <= range.to; value += range.step) values.push_back(value);
}

}  // namespace

RemiWords::RemiWords(int positions_per_quarter) : positions_per_quarter_(positions_per_quarter) {
  add(WordKind::kBar, {"Bar"});
  add_meters();
  add(WordKind::kPosition, numbered("Position_", 0, kLongestBarQuarters * positions_per_quarter));
  add_tempos();
  std::vector<std::string> programs = numbered("Program_", 0, kDrumVoice);
  programs.push_back("Program_drum");
  add(WordKind::kProgram, std::move(programs));
  add(WordKind::kPitch, numbered("Pitch_", 0, 128));
  add(WordKind::kVelocity, numbered("Velocity_", 0, kVelocityBins));
  add_durations();
}

void RemiWords::add_meters() {
  const std::pair<int, int> kLargestNumerators[] = {{2, 4}, {4, 8}, {8, 16}, {16, 16}};
  std::vector<std::string> texts;
  for (const auto& [denominator, largest] : kLargestNumerators) {
    for (int numerator = 1; numerator <= largest; ++numerator) {
      meters_.push_back({numerator, denominator, 4 * positions_per_quarter_ * numerator / denominator});
      texts.push_back("TimeSig_" + std::to_string(numerator) + "/" + std::to_string(denominator));
    }
  }
  add(WordKind::kTimeSignature, std::move(texts));
}

void RemiWords::add_tempos() {
  append(tempos_, {20, 60, 2});
  append(tempos_, {63, 120, 3});
  append(tempos_, {125, 240, 5});
  append(tempos_, {250, 320, 10});
  add(WordKind::kTempo, numbered("Tempo_", tempos_));
}

void RemiWords::add_durations() {
  const int quarter = positions_per_quarter_;
  append(durations_, {1, 2 * quarter, 1});
  append(durations_, {2 * quarter + quarter / 4, 4 * quarter, quarter / 4});
  append(durations_, {4 * quarter + quarter / 2, 8 * quarter, quarter / 2});
  append(durations_, {9 * quarter, kLongestNoteQuarters * quarter, quarter});
  for (int length = 0, index = 0; length <= durations_.back(); ++length) {
    if (index + 1 < int(durations_.size()) && durations_[std::size_t(index) + 1] <= length) ++index;
    within_.push_back(std::int16_t(index));
  }
  add(WordKind::kDuration, numbered("Duration_", durations_));
}

int RemiWords::find_meter(int numerator, int denominator) const {
  for (std::size_t i = 0; i < meters_.size(); ++i)
    if (meters_[i].numerator == numerator && meters_[i].denominator == denominator) return int(i);
  return -1;
}

int RemiWords::nearest_duration(std::int64_t length) const {
  const int below = duration_within(length);
  if (below + 1 == int(durations_.size())) return below;
  return duration(below + 1) - length < length - duration(below) ? below + 1 : below;
}

std::int32_t RemiWords::microseconds_per_quarter(int index) const {
  return std::int32_t(std::lround(60e6 / tempo(index)));
}

int RemiWords::nearest_tempo(double quarters_per_minute) const {
  const auto above = std::lower_bound(tempos_.begin(), tempos_.end(), quarters_per_minute);
  if (above == tempos_.begin()) return 0;
  if (above == tempos_.end()) return int(tempos_.size()) - 1;
  const int index = int(above - tempos_.begin());
  return *above - quarters_per_minute < quarters_per_minute - *(above - 1) ? index : index - 1;
}

}  // namespace continuo::tokens
