#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string_view>

#include "continuo/base/result.h"
#include "continuo/score/score.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::tokens {

// All tokenisations by name. tokenizer.h, the contract, knows none of them.

// Makes the tokenisation that Tokenizer::to_json() or a tokenizer file of MidiTok describes. Errors: malformed,
// unsupported (unknown name, bad option).
Result<std::shared_ptr<const Tokenizer>> tokenizer_from_json(const nlohmann::json& description);

// The names that the command line knows, in the order in which to show them.
std::span<const std::string_view> tokenizer_names();
// One line for --help. Requires: a name of tokenizer_names().
std::string_view tokenizer_summary(std::string_view name);

bool is_tokenizer_name(std::string_view name);
bool needs_learning(std::string_view name);
// A tokenisation with its default options. One whose vocabulary is learned (needs_learning) is made from `corpus`, the
// training pieces only. The others need none; given one that is all drums, performance composes drums. Errors:
// unsupported (unknown name), no_notes (nothing to learn).
//
// A file "*.json" can take the place of a name: a description, or a tokenizer file of `continuo tokenizer train` or of
// MidiTok. Errors then also: those of read_text_file, wrong_format, malformed.
Result<std::shared_ptr<const Tokenizer>> make_tokenizer(std::string_view name,
                                                        std::span<const score::Score> corpus = {});
// Whether make_tokenizer(name) makes, of some corpus, the tokenisation that Tokenizer::to_json() has described. Of one
// whose vocabulary is learned the name decides. Errors: as make_tokenizer().
Result<bool> can_make(std::string_view name, const nlohmann::json& description);

// Whether two descriptions are of the same tokenisation, whatever their options and vocabularies: then words of the
// same name mean the same, up to what the options say of the grid. Subwords are if their bases are.
bool is_same_kind(const nlohmann::json& a, const nlohmann::json& b);

}  // namespace continuo::tokens
