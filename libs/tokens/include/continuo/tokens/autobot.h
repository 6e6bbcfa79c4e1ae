#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "continuo/base/result.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

// The 312 words of musicautobot: notes n0 to n127 each with a duration d1 to d128, and xxsep with a duration between
// times, all in sixteenths. One instrument, no velocities.
// Source: Shaw, "Creating a Pop Music Generator with the Transformer" and its code,
// github.com/bearpelican/musicautobot, vocab.py and numpy_encode.py. Our special four stand for xxpad, xxbos, xxeos and
// xxmask, with other ids.
std::shared_ptr<const Tokenizer> make_autobot();
// Errors: none so far; anything else than the name is ignored.
Result<std::shared_ptr<const Tokenizer>> autobot_from_json(const nlohmann::json& description);

}  // namespace continuo::tokens
