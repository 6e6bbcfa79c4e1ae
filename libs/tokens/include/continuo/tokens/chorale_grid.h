#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "continuo/base/result.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

// Four voices in turn, soprano to bass, on the grid of sixteenths: for each voice and step the pitch that sounds or a
// rest. A note that is repeated at once reads as one that is held.
// Source: the protocol of the JSB chorales in Huang et al., "Music Transformer", arXiv 1809.04281, section 4.1.
std::shared_ptr<const Tokenizer> make_chorale_grid();
// Errors: none so far; anything else than the name is ignored.
Result<std::shared_ptr<const Tokenizer>> chorale_grid_from_json(const nlohmann::json& description);

}  // namespace continuo::tokens
