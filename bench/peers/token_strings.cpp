// The words of many files, for comparing with a peer's. Usage:
//   token_strings TOKENIZER.json [--ids | --time | --decode | --miditok] <PATHS
// TOKENIZER is a description as in checkpoints, {"name": "tsd", "options": {...}}, or a tokenizer file. One line comes
// out for each line of PATHS: the words (with --ids their ids), or "! " and why not. With --time only one line: seconds
// of the processor from files to ids and of these for reading, files, tokens. With --decode likewise: seconds from ids
// to scores, files, tokens. With --miditok the tokenizer in MidiTok's form, and no PATHS. One thread.

#include <cstdio>
#include <ctime>
#include <iostream>
#include <nlohmann/json.hpp>

#include "continuo/base/file.h"
#include "continuo/notation/notation.h"
#include "continuo/tokens/miditok_json.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo {
namespace {

double processor_seconds() { return double(std::clock()) / CLOCKS_PER_SEC; }

void print_words(const tokens::Tokenizer& tokenizer, const std::string& path, bool as_ids) {
  const auto score = notation::read_score(path);
  const auto ids = score.ok() ? tokenizer.encode(*score) : Result<std::vector<TokenId>>(score.error());
  if (!ids.ok()) {
    std::cout << "! " << ids.error().to_line() << '\n';
    return;
  }
  std::string line;
  for (const TokenId id : *ids) line += (as_ids ? std::to_string(id) : tokenizer.vocabulary().word(id)) + " ";
  std::cout << line << '\n';
}

void print_times(const tokens::Tokenizer& tokenizer, const std::vector<std::string>& paths) {
  std::size_t files = 0, tokens = 0;
  double reading = 0;
  const double start = processor_seconds();
  for (const std::string& path : paths) {
    const double before = processor_seconds();
    const auto score = notation::read_score(path);
    reading += processor_seconds() - before;
    if (!score.ok()) continue;
    const auto ids = tokenizer.encode(*score);
    if (!ids.ok()) continue;
    ++files;
    tokens += ids->size();
  }
  std::printf("%.3f s, reading %.3f s, %zu files, %zu tokens\n", processor_seconds() - start, reading, files, tokens);
}

void print_decode_times(const tokens::Tokenizer& tokenizer, const std::vector<std::string>& paths) {
  std::size_t files = 0, tokens = 0, notes = 0;
  double seconds = 0;
  for (const std::string& path : paths) {
    const auto score = notation::read_score(path);
    const auto ids = score.ok() ? tokenizer.encode(*score) : Result<std::vector<TokenId>>(score.error());
    if (!ids.ok()) continue;
    const double before = processor_seconds();
    const auto decoded = tokenizer.decode(*ids);
    seconds += processor_seconds() - before;
    ++files;
    tokens += ids->size();
    notes += decoded.ok() ? decoded->note_count() : 0;
  }
  std::printf("%.3f s, %zu files, %zu tokens, %.2f million tokens/s, %zu notes\n", seconds, files, tokens,
              double(tokens) / seconds / 1e6, notes);
}

int run(int argc, char** argv) {
  if (argc < 2) return 2;
  const auto text = read_file(argv[1]);
  if (!text.ok()) return 1;
  const auto tokenizer = tokens::tokenizer_from_json(nlohmann::json::parse(text->begin(), text->end(), nullptr, false));
  if (!tokenizer.ok()) {
    std::cerr << tokenizer.error().to_line() << '\n';
    return 1;
  }
  const std::string_view mode = argc > 2 ? argv[2] : "";
  if (mode == "--miditok") {
    std::cout << tokens::miditok_json(**tokenizer).dump(1) << '\n';
    return 0;
  }
  std::vector<std::string> paths;
  for (std::string path; std::getline(std::cin, path);) paths.push_back(path);
  if (mode == "--time") {
    print_times(**tokenizer, paths);
  } else if (mode == "--decode") {
    print_decode_times(**tokenizer, paths);
  } else {
    for (const std::string& path : paths) print_words(**tokenizer, path, mode == "--ids");
  }
  return 0;
}

}  // namespace
}  // namespace continuo

int main(int argc, char** argv) { return continuo::run(argc, argv); }
