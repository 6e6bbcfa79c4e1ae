#pragma once

#include <array>
#include <optional>

#include "continuo/score/score.h"

namespace continuo::score {

// How long each pitch class sounds, drums left out. Units: quarters; index 0 is C.
using PitchClassProfile = std::array<double, 12>;
PitchClassProfile pitch_class_profile(const Score& score);

struct KeyEstimate {
  KeySignature key;          // of at most six accidentals: F# major, but Eb minor; onset 0
  double correlation = 0.0;  // with the key's profile. Range: -1 to 1; above 0.8 is clear
};

// The key of the whole, by correlating how long each pitch class sounds with the profiles of the 24 keys. None
// where nothing pitched sounds or all twelve sound equally. Source: Krumhansl-Schmuckler; C. L. Krumhansl,
// Cognitive Foundations of Musical Pitch, 1990, chapter 4, with the Krumhansl-Kessler probe-tone ratings
// (table 2.1).
std::optional<KeyEstimate> find_key(const PitchClassProfile& profile);
std::optional<KeyEstimate> find_key(const Score& score);

}  // namespace continuo::score
