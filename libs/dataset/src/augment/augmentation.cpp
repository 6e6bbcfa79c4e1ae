#include "continuo/dataset/augmentation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "continuo/score/transpose.h"

namespace continuo::dataset {
namespace {

constexpr std::int32_t kDefaultTempo = 500000;                 // Source: SMF 1.0, where none is given
constexpr double kSlowestTempo = 16777215, kFastestTempo = 1;  // microseconds a quarter that MIDI can write

// Uniform over the integers [low, high].
int draw(int low, int high, Rng& rng) { return low + int(rng.below(std::uint64_t(high - low) + 1)); }

score::Score transpose(score::Score score, const Augmentation& augmentation, Rng& rng) {
  const auto range = score::transpose_range(score);
  const int semitones = draw(std::max(-augmentation.transpose_down, std::min(0, range.lowest)),
                             std::min(augmentation.transpose_up, std::max(0, range.highest)), rng);
  if (semitones == 0) return score;
  auto moved = score::transposed(score, semitones);
  return moved.ok() ? *std::move(moved) : score;
}

void stretch(score::Score& score, const Augmentation& augmentation, Rng& rng) {
  const double factor = augmentation.slowest + rng.uniform() * (augmentation.fastest - augmentation.slowest);
  if (factor == 1) return;
  if (score.tempos.empty() || score.tempos.front().onset > score::Ticks(0))
    score.tempos.insert(score.tempos.begin(), {score::Ticks(0), kDefaultTempo});
  for (score::Tempo& tempo : score.tempos)
    tempo.microseconds_per_quarter =
        std::int32_t(std::lround(std::clamp(tempo.microseconds_per_quarter / factor, kFastestTempo, kSlowestTempo)));
}

void shift_velocities(score::Score& score, int most, Rng& rng) {
  const int shift = draw(-most, most, rng);
  for (score::Track& track : score.tracks)
    for (score::Note& note : track.notes) note.velocity = std::uint8_t(std::clamp(note.velocity + shift, 1, 127));
}

void jitter(score::Score& score, double quarters, Rng& rng) {
  const auto most = std::llround(quarters * score.ticks_per_quarter);
  if (most < 1) return;
  for (score::Track& track : score.tracks)
    for (score::Note& note : track.notes)
      note.onset.value =
          std::max<std::int64_t>(0, note.onset.value - most + std::int64_t(rng.below(2 * std::uint64_t(most) + 1)));
  score.sort();
}

}  // namespace

bool Augmentation::changes_nothing() const { return *this == Augmentation(); }

bool Augmentation::is_valid() const {
  const bool pitches = transpose_down >= 0 && transpose_down <= 127 && transpose_up >= 0 && transpose_up <= 127;
  return pitches && slowest > 0 && slowest <= fastest && std::isfinite(fastest) && velocity_shift >= 0 &&
         velocity_shift <= 126 && jitter_quarters >= 0 && jitter_quarters <= 64;
}

score::Score augmented(score::Score score, const Augmentation& augmentation, Rng rng) {
  // One stream each, so that switching one of them on leaves the others' draws as they were.
  Rng pitch = rng.fork(0), tempo = rng.fork(1), velocity = rng.fork(2), time = rng.fork(3);
  score = transpose(std::move(score), augmentation, pitch);
  stretch(score, augmentation, tempo);
  shift_velocities(score, augmentation.velocity_shift, velocity);
  jitter(score, augmentation.jitter_quarters, time);
  return score;
}

}  // namespace continuo::dataset
