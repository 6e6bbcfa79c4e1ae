#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "continuo/base/result.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

struct PerformanceOptions {
  // Decoded music is drums. Encoding then takes the drum notes of a piece, otherwise its pitched notes; a piece that
  // has none of the kind wanted is taken as it is.
  bool drums = false;
};

// Performance events: 128 NoteOn, 128 NoteOff, 100 TimeShift of 10 ms to 1 s, 32 Velocity. Clock time, no bars; the
// sustain pedal is folded into durations.
// Source: Oore et al., "This Time with Feeling: Learning Expressive Musical Performance", arXiv 1808.03715, section 3.
// We differ in a fixed order of events at one time, so that a performance has one encoding.
std::shared_ptr<const Tokenizer> make_performance(const PerformanceOptions& options = {});
// Errors: malformed.
Result<std::shared_ptr<const Tokenizer>> performance_from_json(const nlohmann::json& description);

}  // namespace continuo::tokens
