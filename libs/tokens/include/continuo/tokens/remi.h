#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "continuo/base/result.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

struct RemiOptions {
  // The grid of onsets and short durations. 12 holds sixteenths and triplets alike. Range: 4, 8, 12, 16 or 24.
  int positions_per_quarter = 12;
};

// Bars, positions in the bar, tempo, and notes as Pitch Velocity Duration, for any number of instruments.
// Source: Huang and Yang, "Pop Music Transformer", arXiv 2002.00212; Program and TimeSig words as in REMI+,
// von Rütte et al., "FIGARO", arXiv 2201.10936. We differ: one Tempo word instead of two, Program only where the
// instrument changes within a bar, no chord words.
// Errors: invalid_argument (an option out of range).
Result<std::shared_ptr<const Tokenizer>> make_remi(const RemiOptions& options = {});
// Errors: malformed, unsupported.
Result<std::shared_ptr<const Tokenizer>> remi_from_json(const nlohmann::json& description);

}  // namespace continuo::tokens
