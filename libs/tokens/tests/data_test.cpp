#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <span>
#include <utility>

#include <gtest/gtest.h>

#include "continuo/notation/notation.h"
#include "continuo/tokens/note_chord.h"
#include "continuo/tokens/registry.h"

#include "laws.h"

namespace continuo::tokens {
namespace {

namespace fs = std::filesystem;
using score::Score;

fs::path data_folder() {
  if (const char* folder = std::getenv("CONTINUO_DATA")) return folder;
  return fs::path(CONTINUO_SOURCE_DIR) / "../shared/data";
}

std::vector<Score> read_files(int step, const fs::path& folder) {
  std::vector<fs::path> paths;
  if (!fs::is_directory(folder)) return {};
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const fs::path extension = entry.path().extension();
    if (extension == ".mid" || extension == ".midi") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Score> scores;
  for (std::size_t i = 0; i < paths.size(); i += std::size_t(step)) {
    Result<Score> score = notation::read_score(paths[i]);
    if (score.ok() && score->note_count() > 0) scores.push_back(std::move(*score));
  }
  return scores;
}

// Every `step`-th MIDI file below a folder in the order of paths. Read once for all tokenisations. Empty where the
// folder is missing.
const std::vector<Score>& read_every(int step, const fs::path& folder) {
  static std::map<std::pair<fs::path, int>, std::vector<Score>> read;
  const auto key = std::pair(folder, step);
  if (!read.contains(key)) read[key] = read_files(step, folder);
  return read[key];
}

void expect_laws(std::string_view set, std::string_view name, const std::vector<Score>& scores) {
  using Clock = std::chrono::steady_clock;
  const auto seconds_since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  // Learned from all but every tenth piece, as by a split.
  std::vector<Score> training;
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (i % 10 != 0) training.push_back(scores[i]);
  auto start = Clock::now();
  const auto tokenizer = make_tokenizer(name, training).value();
  const double learning = seconds_since(start);

  start = Clock::now();
  std::size_t encoded_tokens = 0, notes = 0, out_of_vocabulary = 0;
  for (const Score& score : scores) {
    const Result<std::vector<TokenId>> tokens = tokenizer->encode(score);
    if (!tokens.ok()) continue;
    encoded_tokens += tokens->size();
    notes += score.note_count();
  }
  const double encoding = seconds_since(start);
  start = Clock::now();
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const LawCheck check = check_laws(*tokenizer, scores[i]);
    EXPECT_EQ(check.violation, "") << "piece " << i;
    out_of_vocabulary += check.tokens.empty();
  }
  if (name != "note_chord") {
    EXPECT_EQ(out_of_vocabulary, 0u);
  }
  EXPECT_LT(out_of_vocabulary, 1 + scores.size() / 20);
  std::cout << set << ' ' << name << ": " << scores.size() << " pieces, " << notes << " notes, " << encoded_tokens
            << " tokens, " << tokenizer->vocabulary().size() << " words, " << out_of_vocabulary
            << " out of vocabulary; learn " << learning << " s, encode " << encoding << " s, laws "
            << seconds_since(start) << " s\n";
}

class DataLaws : public testing::TestWithParam<std::string_view> {};

TEST_P(DataLaws, Groove) {
  const std::vector<Score>& scores = read_every(1, data_folder() / "groove");
  if (scores.empty()) GTEST_SKIP() << "no Groove data in " << data_folder();
  EXPECT_EQ(scores.size(), 1150u);
  expect_laws("groove", GetParam(), scores);
}

TEST_P(DataLaws, MaestroEverySixth) {
  const std::vector<Score>& scores = read_every(6, data_folder() / "maestro-v3.0.0");
  if (scores.empty()) GTEST_SKIP() << "no MAESTRO data in " << data_folder();
  EXPECT_EQ(scores.size(), 213u);
  expect_laws("maestro", GetParam(), scores);
}

TEST_P(DataLaws, Pop909EveryTwentieth) {
  const std::vector<Score>& scores = read_every(20, data_folder() / "pop909");
  if (scores.empty()) GTEST_SKIP() << "no POP909 data in " << data_folder();
  expect_laws("pop909", GetParam(), scores);
}

TEST_P(DataLaws, OddFilesThatCanBeRead) {
  const std::vector<Score>& scores = read_every(1, data_folder() / "odd");
  if (scores.empty()) GTEST_SKIP() << "no odd files in " << data_folder();
  const auto tokenizer = make_tokenizer(GetParam(), scores).value();
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!tokenizer->encode(scores[i]).ok()) continue;
    EXPECT_EQ(check_laws(*tokenizer, scores[i]).violation, "") << "piece " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(All, DataLaws, testing::ValuesIn(tokenizer_names().begin(), tokenizer_names().end()),
                         [](const auto& parameter) { return std::string(parameter.param); });

}  // namespace
}  // namespace continuo::tokens
