#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "continuo/base/result.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

// The characters of a tune in ABC, of one voice in sixteenths: what a character model reads.
// Source: the ABC music standard 2.1, sections 4.1 to 4.8 and 4.17; Sturm et al., "Music transcription modelling and
// composition using deep learning", arXiv 1604.08723, which reads tunes so. The header is left out: M:4/4, L:1/16, K:C.
std::shared_ptr<const Tokenizer> make_abc_char();
// Errors: none so far; anything else than the name is ignored.
Result<std::shared_ptr<const Tokenizer>> abc_char_from_json(const nlohmann::json& description);

}  // namespace continuo::tokens
