#include "tokens_of_text.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "continuo/tokens/note_chord.h"
#include "continuo/tokens/performance.h"
#include "continuo/tokens/registry.h"

namespace continuo::tokens {
namespace {

using score::Ticks;

void read_score_line(const std::string& keyword, std::istringstream& fields, score::Score& score) {
  std::int64_t onset = 0;
  int a = 0, b = 0, c = 0;
  if (keyword == "division") {
    fields >> score.ticks_per_quarter;
  } else if (keyword == "track") {
    std::string program;
    fields >> program;
    score.tracks.emplace_back();
    score.tracks.back().is_drum = program == "drum";
    if (program != "drum") score.tracks.back().program = std::uint8_t(std::stoi(program));
  } else if (keyword == "note") {
    int release = score::Note::kPlainRelease;
    fields >> onset >> a >> b >> c;
    if (int given = 0; fields >> given) release = given;
    score.tracks.back().notes.push_back(
        {Ticks(onset), Ticks(a), std::uint8_t(b), std::uint8_t(c), std::uint8_t(release)});
  } else if (keyword == "pedal") {
    std::string place;
    fields >> onset >> a >> place;
    score.tracks.back().controls.push_back(
        {Ticks(onset), 64, std::uint8_t(a),
         place == "first" ? score::TickPlace::before_ends : score::TickPlace::between});
  } else if (keyword == "tempo") {
    fields >> onset >> a;
    score.tempos.push_back({Ticks(onset), a});
  } else if (keyword == "meter") {
    fields >> onset >> a >> b;
    score.time_signatures.push_back({Ticks(onset), a, b});
  } else if (keyword == "key") {
    fields >> onset >> a >> b;
    score.key_signatures.push_back({Ticks(onset), a, b == 1});
  } else if (keyword == "bend") {
    fields >> onset >> a;
    score.tracks.back().pitch_bends.push_back({Ticks(onset), std::int16_t(a)});
  } else if (keyword == "pressure") {
    fields >> onset >> a >> b;
    score.tracks.back().pressures.push_back({Ticks(onset), std::int16_t(a), std::int16_t(b)});
  } else {
    throw std::runtime_error("unknown line '" + keyword + "'");
  }
}

std::shared_ptr<const Tokenizer> make_for_case(const std::string& name, bool drums, const std::string& options,
                                               const score::Score& score) {
  if (!options.empty())
    return tokenizer_from_json({{"name", name}, {"options", nlohmann::json::parse(options)}}).value();
  if (name == "performance") return make_performance({drums});
  if (name == "note_chord") {
    NoteChordOptions every_chord;
    every_chord.min_count = 1;
    return make_note_chord({&score, 1}, every_chord).value();
  }
  return make_tokenizer(name).value();
}

std::string rest_of(std::istringstream& fields) {
  std::string rest;
  std::getline(fields >> std::ws, rest);
  return rest;
}

}  // namespace

std::string words_of(const Tokenizer& tokenizer, std::span<const TokenId> tokens) {
  std::string text;
  for (const TokenId token : tokens) text += (text.empty() ? "" : " ") + tokenizer.vocabulary().word(token);
  return text;
}

std::vector<TokenId> tokens_of(const Tokenizer& tokenizer, std::string_view words) {
  std::istringstream fields{std::string(words)};
  std::vector<TokenId> tokens;
  for (std::string word; fields >> word;) tokens.push_back(tokenizer.vocabulary().find(word).value_or(-1));
  return tokens;
}

TextCase read_case(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  TextCase text_case;
  std::string tokenizer, option, options;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string keyword;
    if (!(fields >> keyword) || keyword[0] == '#') continue;
    if (keyword == "tokenizer") {
      fields >> tokenizer >> option;
    } else if (keyword == "options") {
      options = rest_of(fields);
    } else if (keyword == "=") {
      text_case.words += (text_case.words.empty() ? "" : " ") + rest_of(fields);
    } else if (keyword == "error") {
      fields >> text_case.error_code;
      text_case.error_text = rest_of(fields);
    } else if (keyword == "losses") {
      text_case.losses = rest_of(fields);
    } else {
      read_score_line(keyword, fields, text_case.score);
    }
  }
  text_case.tokenizer = make_for_case(tokenizer, option == "drums", options, text_case.score);
  return text_case;
}

}  // namespace continuo::tokens
