#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "continuo/score/score.h"

namespace continuo::score {

// "60", or "C4" (middle C), "F#3", "Bb-1": a MIDI key, 0 to 127.
std::optional<int> find_pitch(std::string_view name);

// "C major", "F# minor", "D dorian", "Am", "C": a bit for each pitch class, C the first. Upper and lower case are the
// same but in "Am" and "C".
std::optional<std::uint16_t> find_scale(std::string_view name);
// "C", "Am", "F# minor", "Eb major": a key that has a signature. Nothing for others ("G# major" would need eight
// sharps).
std::optional<KeySignature> find_key(std::string_view name);
// The notes of a key: its scale, and in minor the raised seventh too. A bit for each pitch class, C the first.
std::uint16_t pitch_classes_of(const KeySignature& key);
// "major, minor, harmonic minor, ...".
std::string scale_names();

}  // namespace continuo::score
