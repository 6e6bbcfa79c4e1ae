#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "continuo/base/result.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

// Whether this is a tokenizer file in the form of MidiTok, written by it or by miditok_json().
bool is_miditok_json(const nlohmann::json& file);
// The description that miditok_json() puts into its files; null in those of MidiTok.
const nlohmann::json* own_description(const nlohmann::json& file);
// A tokenisation of the beat family, or with a trained BPE or Unigram model subwords of one, whose ids then are
// MidiTok's.
// Requires: is_miditok_json(file). Errors: malformed; unsupported, naming a choice that we do not have.
Result<std::shared_ptr<const Tokenizer>> tokenizer_from_miditok(const nlohmann::json& file);

}  // namespace continuo::tokens
