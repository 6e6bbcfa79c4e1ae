#pragma once

#include <nlohmann/json_fwd.hpp>

#include "subword_model.h"

namespace continuo::tokens {

// The name of subwords in descriptions.
inline constexpr std::string_view kSubwords = "subwords";

// See docs/formats/tokenizations.md, "Subwords".
nlohmann::json subwords_to_json(const Tokenizer& base, const SubwordModel& model);
// Makes a tokenisation of its description.
using TokenizerReader = Result<std::shared_ptr<const Tokenizer>> (*)(const nlohmann::json& description);
// `read_base` makes the base. Errors: malformed, unsupported, those of `read_base`.
Result<std::shared_ptr<const Tokenizer>> subwords_from_json(const nlohmann::json& description,
                                                            TokenizerReader read_base);

// "bar", "beat" or "no". Errors: malformed.
std::string_view to_string(WordSplit split);
Result<WordSplit> split_from_json(const nlohmann::json& value);

}  // namespace continuo::tokens
