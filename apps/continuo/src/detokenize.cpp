#include <nlohmann/json.hpp>

#include "continuo/base/file.h"
#include "continuo/base/text.h"
#include "continuo/cli/console.h"
#include "continuo/notation/notation.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/tokenizer.h"

#include "commands.h"
#include "common/outputs.h"

namespace continuo::app {
namespace {

constexpr std::uint64_t kTokenFileLimit = std::uint64_t{256} << 20;

Result<std::vector<TokenId>> ids_of(const nlohmann::json& words, const tokens::Vocabulary& vocabulary) {
  std::vector<TokenId> ids;
  for (const auto& word : words) {
    const auto where = "token " + std::to_string(ids.size());
    if (word.is_number_integer()) {
      const auto number = word.get<std::int64_t>();
      if (number < 0 || number >= std::int64_t(vocabulary.size()))
        return Error{ErrorCode::invalid_tokens, "the vocabulary has no number " + std::to_string(number), where, {}};
      ids.push_back(TokenId(number));
      continue;
    }
    if (!word.is_string())
      return Error{ErrorCode::malformed, "a token is neither a word nor a whole number", where, {}};
    const auto id = vocabulary.find(word.get<std::string>());
    if (!id) {
      return Error{ErrorCode::invalid_tokens, "the vocabulary has no '" + word.get<std::string>() + "'", where, {}};
    }
    ids.push_back(*id);
  }
  return ids;
}

Result<score::Score> decode_file(const std::filesystem::path& path) {
  CONTINUO_ASSIGN(const auto text, read_text_file(path, kTokenFileLimit));
  const auto file = nlohmann::json::parse(text, nullptr, false);
  if (!file.is_object() || file.value("format", nlohmann::json()) != "continuo-tokens-1" ||
      !file.contains("tokenizer") || !file.contains("tokens") || !file["tokens"].is_array()) {
    return Error{ErrorCode::wrong_format, "is not a token file (written by 'continuo tokenize -o')", {}, {}};
  }
  CONTINUO_ASSIGN(const auto tokenizer, tokens::tokenizer_from_json(file["tokenizer"]));
  CONTINUO_ASSIGN(const auto ids, ids_of(file["tokens"], tokenizer->vocabulary()));
  return tokenizer->decode(ids);
}

Status detokenize(const cli::Arguments& arguments, cli::Console& console) {
  const std::string& input = arguments.positional();
  const auto output = arguments.path("output");
  CONTINUO_TRY(is_stdout(output) ? console.take_stdout() : check_extension(output, output_extensions()));
  auto score = decode_file(input);
  if (!score.ok()) return score.error().in_file(input);
  CONTINUO_TRY(is_stdout(output) ? write_to_stdout(*score) : write_any(*score, output));
  console.result() = {{"output", arguments.text("output")}, {"notes", score->note_count()}};
  console.line(arguments.text("output") + ": " + counted(score->note_count(), "note", "notes"));
  return {};
}

}  // namespace

cli::Command detokenize_command() {
  return {
      {.name = "detokenize",
       .summary = "Turn tokens back into music",
       .description = "Writes the piece as MIDI, sound or a picture, as the extension of OUT says. The token file "
                      "holds the description of its tokenizer, so none has to be named; its tokens are words or their "
                      "numbers in the vocabulary.",
       .positionals = {{"TOKENS", "Token file, written by 'continuo tokenize -o'"}},
       .options = {{.name = "output",
                    .letter = 'o',
                    .type = cli::Type::kPath,
                    .unit = "OUT",
                    .help = "File to write, by its extension: " + notation::listed(output_extensions()) +
                            "; - for MIDI on standard output",
                    .required = true}},
       .examples = {"continuo tokenize piece.mid --tokenizer remi -o tokens.json",
                    "continuo detokenize tokens.json -o again.mid"}},
      detokenize,
      {}};
}

}  // namespace continuo::app
