#include "random_score.h"

#include <array>

#include "continuo/base/rng.h"

namespace continuo::tokens {
namespace {

using score::Score;
using score::Ticks;

template <std::size_t N>
int pick(Rng& rng, const std::array<int, N>& values) {
  return values[rng.below(N)];
}

std::int64_t between(Rng& rng, std::int64_t least, std::int64_t most) {
  return least + std::int64_t(rng.below(std::uint64_t(most - least + 1)));
}

void add_notes(Rng& rng, Score& score, int notes) {
  const std::int64_t quarter = score.ticks_per_quarter;
  const bool few_pitches = rng.below(2) == 0;
  std::int64_t now = rng.below(2) == 0 ? 0 : between(rng, 0, 10 * quarter);
  for (int i = 0; i < notes; ++i) {
    score::Track& track = score.tracks[rng.below(score.tracks.size())];
    const std::int64_t length = rng.below(20) == 0 ? between(rng, 0, 60 * quarter) : between(rng, 0, 2 * quarter);
    const int pitch = int(few_pitches ? between(rng, 58, 62) : between(rng, 0, 127));
    track.notes.push_back({Ticks(now), Ticks(length), std::uint8_t(pitch), std::uint8_t(between(rng, 1, 127))});
    if (rng.below(3) != 0) now += between(rng, 0, quarter);
    if (rng.below(100) == 0) now += between(rng, 0, 1000 * quarter);
  }
}

void add_pedal(Rng& rng, Score& score) {
  for (score::Track& track : score.tracks) {
    if (rng.below(2) == 0) continue;
    for (int i = 0; i < 8; ++i) {
      const std::uint8_t value = std::uint8_t(between(rng, 0, 127));
      track.controls.push_back({Ticks(between(rng, 0, score.end().value)), 64, value});
    }
  }
}

void add_meters_and_tempos(Rng& rng, Score& score) {
  const std::int64_t end = score.end().value;
  const auto somewhere = [&] {
    return Ticks(rng.below(3) == 0 ? 0 : between(rng, 0, end) / (rng.below(2) == 0 ? score.ticks_per_quarter : 1));
  };
  for (std::uint64_t i = rng.below(4); i > 0; --i) {
    const int denominator = pick(rng, std::array{1, 2, 4, 4, 4, 8, 8, 16, 32, 64});
    const int numerator = int(rng.below(4) == 0 ? between(rng, 1, 40) : between(rng, 1, 7));
    score.time_signatures.push_back({somewhere(), numerator, denominator});
  }
  for (std::uint64_t i = rng.below(6); i > 0; --i)
    score.tempos.push_back({somewhere(), std::int32_t(between(rng, 150'000, 2'000'000))});
}

}  // namespace

Score random_score(std::uint64_t seed, int notes) {
  Rng rng(seed);
  Score score;
  score.ticks_per_quarter = pick(rng, std::array{480, 384, 96, 24, 7, 1, 960, 220, 500});
  score.tracks.resize(1 + rng.below(4));
  for (score::Track& track : score.tracks) {
    track.program = std::uint8_t(rng.below(3) == 0 ? between(rng, 0, 127) : 0);
    track.is_drum = rng.below(4) == 0;
  }
  add_notes(rng, score, notes);
  add_pedal(rng, score);
  add_meters_and_tempos(rng, score);
  score.sort();
  return score;
}

}  // namespace continuo::tokens
