#include <nlohmann/json.hpp>

#include "continuo/base/file.h"
#include "continuo/cli/console.h"
#include "continuo/notation/notation.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/tokenizer.h"

#include "commands.h"

namespace continuo::app {
namespace {

Result<std::shared_ptr<const tokens::Tokenizer>> tokenizer_for(const cli::Arguments& arguments,
                                                               const score::Score& score) {
  const std::string& name = arguments.text("tokenizer");
  return tokens::make_tokenizer(name, std::span(&score, 1));
}

// The file that `continuo detokenize` reads: words, and everything needed to make the same tokenizer again.
std::string token_file(const tokens::Tokenizer& tokenizer, std::span<const TokenId> ids) {
  nlohmann::json words = nlohmann::json::array();
  for (const TokenId id : ids) words.push_back(tokenizer.vocabulary().word(id));
  return nlohmann::json{{"format", "continuo-tokens-1"}, {"tokenizer", tokenizer.to_json()}, {"tokens", words}}.dump(
             1) +
         "\n";
}

Status tokenize(const cli::Arguments& arguments, cli::Console& console) {
  const std::string& input = arguments.positional();
  CONTINUO_ASSIGN(const auto score, notation::read_score(input));
  CONTINUO_ASSIGN(const auto tokenizer, tokenizer_for(arguments, score));
  auto ids = tokenizer->encode(score);
  if (!ids.ok()) return ids.error().in_file(input);
  if (const auto losses = tokenizer->losses(score); !losses.empty()) {
    console.note("continuo: note: " + input + ": " + arguments.text("tokenizer") + " leaves out " + losses);
  }
  console.result() = {{"tokenizer", tokenizer->name()},
                      {"tokens", ids->size()},
                      {"vocabulary", tokenizer->vocabulary().size()},
                      {"ids", *ids}};
  if (arguments.has("output")) {
    CONTINUO_TRY(write_file(arguments.path("output"), token_file(*tokenizer, *ids)));
    console.line(arguments.text("output") + ": " + cli::grouped(ids->size()) + " tokens");
    return {};
  }
  std::string text;
  for (const TokenId id : *ids) text += (text.empty() ? "" : " ") + tokenizer->vocabulary().word(id);
  console.line(text);
  return {};
}

std::vector<std::string> names() {
  const auto all = tokens::tokenizer_names();
  return {all.begin(), all.end()};
}

std::string summaries() {
  std::string text = "Tokenizers:\n";
  for (const auto name : tokens::tokenizer_names()) {
    std::string left = "  " + std::string(name);
    left.resize(16, ' ');
    text += left + std::string(tokens::tokenizer_summary(name)) + "\n";
  }
  text.pop_back();
  return text;
}

}  // namespace

cli::Command tokenize_command() {
  return {{.name = "tokenize",
           .summary = "Spell a piece as the words that a model reads",
           .details = summaries(),
           .positionals = {{"FILE", "The piece"}},
           .options = {{.names = "--tokenizer",
                        .kind = cli::Kind::kChoice,
                        .placeholder = "NAME",
                        .help = "How to spell; a file is one of 'continuo tokenizer train' or of MidiTok",
                        .fallback = "remi",
                        .choices = names(),
                        .or_extension = ".json"},
                       {.names = "-o,--output",
                        .kind = cli::Kind::kPath,
                        .placeholder = "TOKENS",
                        .help = "A JSON file for 'continuo detokenize'; otherwise words go to standard output"}}},
          tokenize,
          {}};
}

}  // namespace continuo::app
