#include "continuo/score/key_finding.h"

#include <cmath>
#include <numeric>

namespace continuo::score {
namespace {

constexpr PitchClassProfile kMajor = {6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88};
constexpr PitchClassProfile kMinor = {6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17};

double mean(const PitchClassProfile& profile) { return std::accumulate(profile.begin(), profile.end(), 0.0) / 12.0; }

// Pearson's r of `profile` with `key_profile` moved up to `tonic`; 0 where the profile is flat.
double correlation(const PitchClassProfile& profile, const PitchClassProfile& key_profile, std::size_t tonic) {
  const double profile_mean = mean(profile);
  const double key_mean = mean(key_profile);
  double product = 0.0;
  double profile_square = 0.0;
  double key_square = 0.0;
  for (std::size_t i = 0; i < 12; ++i) {
    const double a = profile[(tonic + i) % 12] - profile_mean;
    const double b = key_profile[i] - key_mean;
    product += a * b;
    profile_square += a * a;
    key_square += b * b;
  }
  const double scale = std::sqrt(profile_square * key_square);
  return scale > 1e-9 ? product / scale : 0.0;
}

KeySignature key_of(std::size_t tonic, bool is_minor) {
  const int major_tonic = static_cast<int>(is_minor ? (tonic + 3) % 12 : tonic);
  const int fifths = (major_tonic * 7 + 5) % 12 - 5;
  return {Ticks(0), is_minor && fifths == 6 ? -6 : fifths, is_minor};
}

}  // namespace

PitchClassProfile pitch_class_profile(const Score& score) {
  std::array<std::int64_t, 12> ticks{};
  for (const Track& track : score.tracks) {
    if (track.is_drum) continue;
    for (const Note& note : track.notes) ticks[note.pitch % 12] += note.duration.value;
  }
  PitchClassProfile profile{};
  for (std::size_t i = 0; i < 12; ++i) profile[i] = static_cast<double>(ticks[i]) / score.ticks_per_quarter;
  return profile;
}

std::optional<KeyEstimate> find_key(const PitchClassProfile& profile) {
  KeyEstimate best;
  for (const bool is_minor : {false, true}) {
    for (std::size_t tonic = 0; tonic < 12; ++tonic) {
      const double r = correlation(profile, is_minor ? kMinor : kMajor, tonic);
      if (r > best.correlation) best = {key_of(tonic, is_minor), r};
    }
  }
  if (best.correlation <= 0.0) return std::nullopt;
  return best;
}

std::optional<KeyEstimate> find_key(const Score& score) { return find_key(pitch_class_profile(score)); }

}  // namespace continuo::score
