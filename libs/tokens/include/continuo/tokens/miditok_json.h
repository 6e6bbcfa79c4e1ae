#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "continuo/base/result.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

// Tokenizer files of MidiTok 3: its configuration and, when trained, the vocabulary and the model of Hugging Face
// tokenizers. See docs/formats/tokenizations.md, "MidiTok's files".

bool is_miditok_json(const nlohmann::json& file);

// A tokenisation of the beat family, or with a trained BPE or Unigram model subwords of one, whose ids then are MidiTok's.
// A file of ours makes what was written. Errors: malformed; unsupported, naming a choice that we do not have.
Result<std::shared_ptr<const Tokenizer>> tokenizer_from_miditok(const nlohmann::json& file);

// A file that MidiTok reads for the beat family and subwords of it (other than rows, which it cannot train); for other
// tokenisations and their subwords the same file, which only we read. What MidiTok has no words for stands under
// "continuo".
nlohmann::json miditok_json(const Tokenizer& tokenizer);

}  // namespace continuo::tokens
