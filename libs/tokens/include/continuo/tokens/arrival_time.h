#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "continuo/base/result.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

// Notes as triplets of arrival time, duration, and instrument with pitch, in steps of 10 ms. Any number of instruments,
// no velocities.
// Source: Thickstun et al., "Anticipatory Music Transformer", arXiv 2306.08620, section 2. There times count from the
// start of a training window of at most 100 s; here a word Later moves on by 100 s, so that a piece is one sequence.
std::shared_ptr<const Tokenizer> make_arrival_time();
// Errors: none so far; anything else than the name is ignored.
Result<std::shared_ptr<const Tokenizer>> arrival_time_from_json(const nlohmann::json& description);

}  // namespace continuo::tokens
