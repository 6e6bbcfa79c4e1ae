#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abc_fuzz.h"
#include "fuzz_targets.h"
#include "midi/midi_fuzz.h"
#include "musicxml_fuzz.h"

namespace continuo::fuzz {

struct Target {
  std::string_view name;
  std::string (*violation)(std::span<const std::uint8_t>);  // empty when all is well
  std::vector<std::vector<std::uint8_t>> (*seeds)();
};

inline constexpr std::array kTargets = {
    Target{"abc", notation::fuzz_abc, notation::abc_seeds}, Target{"midi", notation::fuzz_midi, notation::midi_seeds},
    Target{"musicxml", notation::fuzz_musicxml, notation::musicxml_seeds},
    Target{"token_stream", tokens::fuzz_token_stream, tokens::token_stream_seeds},
    Target{"tokenizer_json", tokens::fuzz_tokenizer_json, tokens::tokenizer_json_seeds}};

// Null where there is none of this name.
inline const Target* find_target(std::string_view name) {
  const auto* found = std::find_if(kTargets.begin(), kTargets.end(), [&](const Target& t) { return t.name == name; });
  return found == kTargets.end() ? nullptr : found;
}

}  // namespace continuo::fuzz
