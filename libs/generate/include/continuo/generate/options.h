#pragma once

#include <cstdint>
#include <optional>

#include "continuo/sampling/sampler.h"
#include "continuo/score/score.h"

namespace continuo::generate {

// How much new music to compose, beyond the primer.
enum class LengthUnit { kTokens, kBars, kSeconds };
struct Length {
  LengthUnit unit = LengthUnit::kBars;
  double amount = 16;  // Range: more than 0, at most 1,000,000; of tokens and bars at least 1
};

// Bars first..last, counted from 1, both included.
struct BarRange {
  int first = 1, last = 1;
};

struct ComposeOptions {
  std::optional<score::Score> primer;
  std::optional<BarRange> fill;  // rewrite these bars of the primer; bidirectional models only
  bool harmonise = false;        // keep the primer, a melody, and add voices below it; bidirectional models only
  Length length;                 // ignored with `fill` and `harmonise`
  bool stop_at_end = false;      // also end where the model draws EOS
  // The longest new note, 0 for any; unset: what 99.9 % of the model's training notes keep to, where that is known and
  // the tokenisation can limit notes. Units: quarters, or seconds where the tokenisation is in clock time.
  std::optional<double> longest_note;
  sampling::SamplerOptions sampler;
  std::uint64_t seed = 0;
  int rounds = 12;  // of unmasking (bidirectional models). Range: >= 1
  // Rounds after these, each of which draws a random part of the tokens again; -1: twice as many. None at temperature
  // 0. Range: >= -1
  int refinements = -1;
};

}  // namespace continuo::generate
