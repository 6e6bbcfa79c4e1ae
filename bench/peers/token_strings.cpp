// The words of many files, for comparing with a peer's. Usage: token_strings DESCRIPTION.json [--time] <PATHS
// DESCRIPTION is a tokenizer's, as in checkpoints: {"name": "tsd", "options": {...}}. One line comes out for each line
// of PATHS: the words, or "! " and why not. With --time only one line: seconds from files to ids and of these for
// reading, files, tokens. One thread.

#include <chrono>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "continuo/base/file.h"
#include "continuo/notation/notation.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void print_words(const tokens::Tokenizer& tokenizer, const std::string& path) {
  const auto score = notation::read_score(path);
  const auto ids = score.ok() ? tokenizer.encode(*score) : Result<std::vector<TokenId>>(score.error());
  if (!ids.ok()) {
    std::cout << "! " << ids.error().to_line() << '\n';
    return;
  }
  std::string line;
  for (const TokenId id : *ids) line += tokenizer.vocabulary().word(id) + " ";
  std::cout << line << '\n';
}

void print_times(const tokens::Tokenizer& tokenizer, const std::vector<std::string>& paths) {
  std::size_t files = 0, tokens = 0;
  double reading = 0;
  const auto start = Clock::now();
  for (const std::string& path : paths) {
    const auto before = Clock::now();
    const auto score = notation::read_score(path);
    reading += seconds_since(before);
    if (!score.ok()) continue;
    const auto ids = tokenizer.encode(*score);
    if (!ids.ok()) continue;
    ++files;
    tokens += ids->size();
  }
  std::printf("%.3f s, reading %.3f s, %zu files, %zu tokens\n", seconds_since(start), reading, files, tokens);
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
  std::vector<std::string> paths;
  for (std::string path; std::getline(std::cin, path);) paths.push_back(path);
  if (argc > 2) {
    print_times(**tokenizer, paths);
  } else {
    for (const std::string& path : paths) print_words(**tokenizer, path);
  }
  return 0;
}

}  // namespace
}  // namespace continuo

int main(int argc, char** argv) { return continuo::run(argc, argv); }
