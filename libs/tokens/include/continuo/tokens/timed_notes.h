#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "continuo/base/result.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

// Performances on one instrument, as `performance` takes them (steps of 10 ms, prolonged by the pedal, 32 bins of
// velocity, notes of at most 20 s), each note with its duration. No word ends a note, so that a model need not remember
// which notes sound: none can be left hanging, and a window may begin anywhere.
std::shared_ptr<const Tokenizer> make_timed_notes();
// Errors: none so far; anything else than the name is ignored.
Result<std::shared_ptr<const Tokenizer>> timed_notes_from_json(const nlohmann::json& description);

}  // namespace continuo::tokens
