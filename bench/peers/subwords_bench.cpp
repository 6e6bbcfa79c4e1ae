// Learning and applying subwords on many files, for comparing with a peer. Usage:
//   subwords_bench DESCRIPTION.json WORDS [--dump BARS.txt] [--save TOKENIZER.json] [--ids IDS.txt] <PATHS
// DESCRIPTION is a tokenizer's, as in checkpoints. Files are read and tokenised first, which is not timed. --dump
// writes the bars for the peer, one a line, each base word a character (id + 33). --ids writes the ids of each bar. One
// line of JSON comes out: base words, seconds of the processor to learn, MiB that learning took at most beside the
// tokens, seconds to encode all pieces, subwords. One thread.

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include <sys/resource.h>

#include "continuo/base/file.h"
#include "continuo/notation/notation.h"
#include "continuo/tokens/miditok_json.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/subwords.h"

namespace continuo {
namespace {

double processor_seconds() { return double(std::clock()) / CLOCKS_PER_SEC; }

double peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return double(usage.ru_maxrss) / 1024;
}

using Pieces = std::vector<std::vector<TokenId>>;

Pieces read_pieces(const tokens::Tokenizer& tokenizer) {
  Pieces pieces;
  for (std::string path; std::getline(std::cin, path);) {
    const auto score = notation::read_score(path);
    if (!score.ok()) continue;
    auto ids = tokenizer.encode(*score);
    if (ids.ok()) pieces.push_back(std::move(*ids));
    if (ids.ok()) pieces.back().shrink_to_fit();
  }
  return pieces;
}

// A character of the planes without surrogates; base words are few.
void append(std::string& text, int character) {
  if (character < 0x80) {
    text += char(character);
  } else if (character < 0x800) {
    text += char(0xC0 | character >> 6);
    text += char(0x80 | (character & 0x3F));
  } else {
    text += char(0xE0 | character >> 12);
    text += char(0x80 | (character >> 6 & 0x3F));
    text += char(0x80 | (character & 0x3F));
  }
}

template <typename Visit>
void for_each_bar(const tokens::Tokenizer& base, const Pieces& pieces, const Visit& visit) {
  for (const std::vector<TokenId>& piece : pieces) {
    const std::vector<std::size_t> starts = base.sequence_starts(piece, tokens::WordSplit::kBar);
    for (std::size_t i = 0; i < starts.size(); ++i) {
      const std::size_t end = i + 1 < starts.size() ? starts[i + 1] : piece.size();
      visit(std::span(piece).subspan(starts[i], end - starts[i]));
    }
  }
}

void dump_bars(const tokens::Tokenizer& base, const Pieces& pieces, const std::string& path) {
  std::ofstream file(path);
  for_each_bar(base, pieces, [&](std::span<const TokenId> bar) {
    std::string line;
    for (const TokenId id : bar) append(line, 33 + id);
    file << line << '\n';
  });
}

void dump_ids(const tokens::SubwordTokenizer& tokenizer, const Pieces& pieces, const std::string& path) {
  std::ofstream file(path);
  for_each_bar(tokenizer.base(), pieces, [&](std::span<const TokenId> bar) {
    std::string line;
    for (const TokenId id : tokenizer.merge(bar)) line += std::to_string(id) + " ";
    file << line << '\n';
  });
}

int run(const std::vector<std::string>& arguments) {
  const auto value_of = [&](std::string_view name) {
    const auto found = std::find(arguments.begin(), arguments.end(), name);
    return found == arguments.end() || found + 1 == arguments.end() ? std::string() : *(found + 1);
  };
  if (arguments.size() < 3) return 2;
  const auto text = read_text_file(arguments[1]);
  if (!text.ok()) return 1;
  const auto base = tokens::tokenizer_from_json(nlohmann::json::parse(*text, nullptr, false));
  if (!base.ok()) {
    std::cerr << base.error().to_line() << '\n';
    return 1;
  }
  const Pieces pieces = read_pieces(**base);
  if (const std::string path = value_of("--dump"); !path.empty()) dump_bars(**base, pieces, path);
  std::uint64_t count = 0;
  for (const auto& piece : pieces) count += piece.size();

  const double before = peak_mib();
  double start = processor_seconds();
  auto corpus = tokens::SubwordCorpus::make(*base, tokens::WordSplit::kBar);
  for (const auto& piece : pieces) corpus->add(piece);
  const std::size_t distinct = corpus->distinct();
  NoProgress progress;
  const auto trained = tokens::train_bpe(std::move(*corpus), {.words = std::stoi(arguments[2])}, progress);
  const double training = processor_seconds() - start;
  const double after = peak_mib();
  if (!trained.ok()) {
    std::cerr << trained.error().to_line() << '\n';
    return 1;
  }
  start = processor_seconds();
  std::uint64_t subwords = 0;
  for (const auto& piece : pieces) subwords += (*trained)->merge(piece).size();
  const double encoding = processor_seconds() - start;
  if (const std::string path = value_of("--save"); !path.empty())
    std::ofstream(path) << tokens::miditok_json(**trained).dump();
  if (const std::string path = value_of("--ids"); !path.empty()) dump_ids(**trained, pieces, path);
  std::cout << nlohmann::json{{"base_words", count},         {"distinct_bars", distinct}, {"train_s", training},
                              {"train_mib", after - before}, {"encode_s", encoding},      {"subwords", subwords}}
            << '\n';
  return 0;
}

}  // namespace
}  // namespace continuo

int main(int argc, char** argv) { return continuo::run({argv, argv + argc}); }
