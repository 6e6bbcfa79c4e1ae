#include <nlohmann/json.hpp>

#include "continuo/base/file.h"
#include "continuo/base/text.h"
#include "continuo/cli/console.h"
#include "continuo/cli/tokenizer_option.h"
#include "continuo/notation/notation.h"
#include "continuo/options/help.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/tokenizer.h"

#include "commands.h"
#include "common/music_input.h"

namespace continuo::app {
namespace {

Result<std::shared_ptr<const tokens::Tokenizer>> tokenizer_for(const cli::Arguments& arguments,
                                                               const score::Score& score) {
  const std::string& name = arguments.text("tokenizer");
  return tokens::make_tokenizer(name, std::span(&score, 1));
}

// The file that `continuo detokenize` reads: tokens, and everything needed to create the same tokenizer again.
std::string token_file(const tokens::Tokenizer& tokenizer, std::span<const TokenId> ids) {
  nlohmann::json words = nlohmann::json::array();
  for (const TokenId id : ids) words.push_back(tokenizer.vocabulary().word(id));
  return nlohmann::json{{"format", "continuo-tokens-1"}, {"tokenizer", tokenizer.to_json()}, {"tokens", words}}.dump(
             1) +
         "\n";
}

Status tokenize(const cli::Arguments& arguments, cli::Console& console) {
  const std::string& input = arguments.positional();
  if (arguments.has("output")) CONTINUO_TRY(check_writable(arguments.path("output")));
  notation::Diagnostics diagnostics;
  CONTINUO_ASSIGN(const auto score, read_score(input, &diagnostics));
  CONTINUO_ASSIGN(const auto tokenizer, tokenizer_for(arguments, score));
  auto ids = tokenizer->encode(score);
  if (!ids.ok()) return ids.error().in_file(input);
  if (const auto losses = tokenizer->losses(score); !losses.empty()) {
    console.note("continuo: note: " + input + ": " + arguments.text("tokenizer") + " leaves out " + losses);
  }
  const std::vector<std::string> warnings = warn(input, diagnostics, console);
  console.result() = {{"tokenizer", tokenizer->name()},
                      {"tokens", ids->size()},
                      {"vocabulary", tokenizer->vocabulary().size()},
                      {"ids", *ids},
                      {"omitted", diagnostics.left_out()},
                      {"warnings", warnings}};
  if (arguments.has("output")) {
    CONTINUO_TRY(write_file(arguments.path("output"), token_file(*tokenizer, *ids)));
    console.line(arguments.text("output") + ": " + counted(ids->size(), "token", "tokens"));
    return {};
  }
  std::string text;
  for (const TokenId id : *ids) text += (text.empty() ? "" : " ") + tokenizer->vocabulary().word(id);
  console.line(text);
  return {};
}

std::string summaries() {
  options::Rows rows;
  for (const auto name : tokens::tokenizer_names()) rows.emplace_back(name, tokens::tokenizer_summary(name));
  std::string text = "Tokenizers:\n" + options::two_columns(rows);
  text.pop_back();
  return text;
}

}  // namespace

cli::Command tokenize_command() {
  auto tokenizer = cli::tokenizer_option("Tokenizer to use; files are made by 'continuo tokenizer' or by MidiTok");
  tokenizer.choices_text = "one of those below, or a .json file";
  return {
      {.name = "tokenize",
       .summary = "Turn a piece into tokens",
       .description = "Prints the tokens, or writes them to a file from which 'continuo detokenize' makes music again.",
       .positionals = {{"FILE", "Music file to read, or - for standard input"}},
       .options = {std::move(tokenizer),
                   {.name = "output",
                    .letter = 'o',
                    .type = cli::Type::kPath,
                    .unit = "TOKENS",
                    .help = "JSON file to write instead of printing the tokens"}},
       .examples = {"continuo tokenize piece.mid", "continuo tokenize piece.mid --tokenizer tsd -o tokens.json"},
       .appendix = summaries()},
      tokenize,
      {}};
}

}  // namespace continuo::app
