#pragma once

#include <nlohmann/json_fwd.hpp>

#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

// A tokenizer file of MidiTok 3: its configuration and, when trained, the vocabulary and the model of Hugging Face
// tokenizers. MidiTok reads it for the beat family and subwords of it (other than rows, which it cannot train); for
// other tokenisations and their subwords it is the same file, which only we read. What MidiTok has no words for is
// under "continuo". tokenizer_from_json() reads all of them. See docs/formats/tokenizations.md, "MidiTok's files".
nlohmann::json miditok_json(const Tokenizer& tokenizer);

}  // namespace continuo::tokens
