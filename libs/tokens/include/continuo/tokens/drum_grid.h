#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "continuo/base/result.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

// A kit of nine drums on the grid of sixteenths: each hit with its loudness and how far from the grid it falls.
// Source: Gillick et al., "Learning to Groove with Inverse Sequence Transformations", arXiv 1905.06118, section 3 and
// appendix (the mapping of the Roland TD-11's keys to nine drums). Hits, velocities and offsets are its three matrices,
// here in words: 32 velocities, offsets in sixteenths of a step.
std::shared_ptr<const Tokenizer> make_drum_grid();
// Errors: none so far; anything else than the name is ignored.
Result<std::shared_ptr<const Tokenizer>> drum_grid_from_json(const nlohmann::json& description);

}  // namespace continuo::tokens
