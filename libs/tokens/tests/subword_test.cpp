#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include "continuo/base/rng.h"
#include "continuo/tokens/beat_tokenizers.h"
#include "continuo/tokens/miditok_json.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/subwords.h"

#include "laws.h"
#include "random_score.h"
#include "subword_corpus.h"

namespace continuo::tokens {
namespace {

using score::Score;
using Sequence = std::vector<TokenId>;

// What the definition of BPE says, written as plainly as possible: the lowest merge that applies, at the leftmost
// place.
Sequence merged_by_definition(const SubwordTokenizer& tokenizer, Sequence ids) {
  const nlohmann::json merges = tokenizer.to_json()["merges"];
  while (true) {
    bool found = false;
    for (const auto& merge : merges) {
      for (std::size_t i = 0; i + 1 < ids.size() && !found; ++i) {
        if (ids[i] != merge[0] || ids[i + 1] != merge[1]) continue;
        ids[i] = merge[2];
        ids.erase(ids.begin() + std::ptrdiff_t(i) + 1);
        found = true;
      }
      if (found) break;
    }
    if (!found) return ids;
  }
}

// Learned as plainly: counts of all pairs anew for each merge. Holds for sequences in which no two merges make one
// word.
std::vector<Sequence> merges_by_definition(std::vector<Sequence> sequences, int next, std::size_t merges) {
  std::vector<Sequence> made;
  while (made.size() < merges) {
    std::map<std::pair<TokenId, TokenId>, int> counts;
    for (const Sequence& each : sequences)
      for (std::size_t i = 0; i + 1 < each.size(); ++i) ++counts[{each[i], each[i + 1]}];
    auto best = counts.begin();
    for (auto pair = counts.begin(); pair != counts.end(); ++pair)
      if (pair->second > best->second) best = pair;
    const auto [left, right] = best->first;
    for (Sequence& each : sequences) {
      for (std::size_t i = 0; i + 1 < each.size(); ++i) {
        if (each[i] != left || each[i + 1] != right) continue;
        each[i] = next;
        each.erase(each.begin() + std::ptrdiff_t(i) + 1);
      }
    }
    made.push_back({left, right, next++});
  }
  return made;
}

// The score of the most probable segmentation: of all words that a sequence can begin with, the best with what remains.
double best_score_by_definition(const nlohmann::json& description, const Sequence& symbols) {
  const auto words = description["words"].get<std::vector<Sequence>>();
  const auto scores = description["scores"].get<std::vector<double>>();
  std::map<Sequence, double> score_of;
  std::size_t longest = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    score_of[words[i]] = scores[i];
    longest = std::max(longest, words[i].size());
  }
  std::vector<double> best(symbols.size() + 1);  // of what remains from each place
  for (std::size_t at = symbols.size(); at-- > 0;) {
    best[at] = -1e9;
    for (std::size_t end = at + 1; end <= std::min(symbols.size(), at + longest); ++end) {
      const auto word = score_of.find({symbols.begin() + std::ptrdiff_t(at), symbols.begin() + std::ptrdiff_t(end)});
      if (word != score_of.end()) best[at] = std::max(best[at], word->second + best[end]);
    }
  }
  return best[0];
}

class Subwords : public testing::TestWithParam<std::string_view> {};

TEST_P(Subwords, KeepTheLawsOfTheirBase) {
  for (const WordSplit split : {WordSplit::kBar, WordSplit::kBeat, WordSplit::kNone}) {
    const auto tokenizer = trained_on_random_music(GetParam(), split);
    std::size_t shorter = 0;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      const Score score = random_score(seed, 80);
      const LawCheck check = check_laws(*tokenizer, score);
      ASSERT_EQ(check.violation, "") << "seed " << seed;
      if (!check.tokens.empty()) shorter += check.tokens.size() < tokenizer->base().encode(score)->size();
    }
    EXPECT_GT(shorter, 20u);
  }
}

TEST_P(Subwords, SayWhatTheirBaseSays) {
  const auto tokenizer = trained_on_random_music(GetParam(), WordSplit::kBar);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Sequence base = tokenizer->base().encode(random_score(seed, 80)).value();
    Sequence said;
    for (const TokenId id : tokenizer->merge(base)) {
      const auto words = tokenizer->base_words(id);
      said.insert(said.end(), words.begin(), words.end());
    }
    ASSERT_EQ(said, base);
  }
}

TEST_P(Subwords, DescriptionsAndFilesMakeAnEqualTokenizer) {
  const auto tokenizer = trained_on_random_music(GetParam(), WordSplit::kBeat);
  const Sequence tokens = tokenizer->encode(random_score(3, 80)).value();
  for (const nlohmann::json& description : {tokenizer->to_json(), miditok_json(*tokenizer)}) {
    const auto again = tokenizer_from_json(nlohmann::json::parse(description.dump()));
    ASSERT_TRUE(again.ok()) << again.error().to_line();
    EXPECT_EQ((*again)->vocabulary().words(), tokenizer->vocabulary().words());
    EXPECT_EQ((*again)->encode(random_score(3, 80)).value(), tokens);
    EXPECT_EQ((*again)->to_json(), tokenizer->to_json());
  }
}

// Files of MidiTok itself have no part of ours. What becomes of notes that overlap is not in them; it is read as
// MidiTok has it.
TEST_P(Subwords, FilesWithoutOurPartMakeAnEqualTokenizer) {
  const auto tokenizer = trained_on_random_music(GetParam(), WordSplit::kBeat);
  nlohmann::json file = miditok_json(*tokenizer);
  if (!file.contains("config")) GTEST_SKIP() << "MidiTok has no such tokenisation";
  file.erase("continuo");
  const auto again = tokenizer_from_json(file);
  ASSERT_TRUE(again.ok()) << again.error().to_line();
  nlohmann::json expected = tokenizer->to_json();
  expected["base"]["options"]["overlaps"] = "shortest";
  EXPECT_EQ((*again)->to_json(), expected);
}

INSTANTIATE_TEST_SUITE_P(Bases, Subwords,
                         testing::Values("remi", "remi_plus", "tsd", "midi_like", "cp_word", "mmm", "bar_tracks",
                                         "performance", "note_chord", "remi_plus unigram", "midi_like unigram"),
                         [](const auto& parameter) {
                           std::string name(parameter.param);
                           std::replace(name.begin(), name.end(), ' ', '_');
                           return name;
                         });

// How many sequences by bar: a bar in which nothing begins any more makes none, as in MidiTok.
TEST(SequenceStarts, BarsOfNoteOffsAloneMakeNone) {
  const auto tokenizer = make_beat_tokenizer("midi_like").value();
  const auto starts_of = [&](std::vector<std::int64_t> bars) {
    score::Score score;
    score.tracks.emplace_back();
    std::int64_t onset = 0;
    for (const std::int64_t ticks : bars) {
      score.tracks[0].notes.push_back({score::Ticks(onset), score::Ticks(ticks), 60, 80});
      onset += ticks;
    }
    return tokenizer->sequence_starts(tokenizer->encode(score).value(), WordSplit::kBar).size();
  };
  EXPECT_EQ(starts_of({1920}), 1u);
  EXPECT_EQ(starts_of({1920, 1920}), 2u);
  EXPECT_EQ(starts_of({1920, 1860}), 2u);
  EXPECT_EQ(starts_of({1920, 1980}), 2u);
  EXPECT_EQ(starts_of({1920, 1920, 480}), 3u);
}

TEST(SequenceStarts, EachTrackOfMmmHasItsOwnBars) {
  const auto tokenizer = make_beat_tokenizer("mmm").value();
  score::Score score;
  score.tracks.resize(2);
  score.tracks[1].program = 40;
  for (std::int64_t bar = 0; bar < 8; ++bar)
    score.tracks[0].notes.push_back({score::Ticks(bar * 1920), score::Ticks(480), 60, 80});
  score.tracks[1].notes.push_back({score::Ticks(0), score::Ticks(480), 60, 80});
  EXPECT_EQ(tokenizer->sequence_starts(tokenizer->encode(score).value(), WordSplit::kBar).size(), 8u + 1u);
}

TEST(Bpe, EncodesAsItsDefinitionSays) {
  for (const WordSplit split : {WordSplit::kNone, WordSplit::kBar}) {
    const auto tokenizer = trained_on_random_music("tsd", split);
    std::map<TokenId, TokenId> single;  // by base word
    for (TokenId id = kSpecialTokens; id < tokenizer->vocabulary().size(); ++id)
      if (const auto words = tokenizer->base_words(id); words.size() == 1) single.try_emplace(words[0], id);
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
      const Sequence base = tokenizer->base().encode(random_score(seed, 60)).value();
      const auto starts = tokenizer->base().sequence_starts(base, split);
      Sequence expected;
      for (std::size_t i = 0; i < starts.size(); ++i) {
        Sequence ids;
        if (split != WordSplit::kNone) ids.push_back(TokenId(tokenizer->base().vocabulary().size()));
        for (std::size_t at = starts[i]; at < (i + 1 < starts.size() ? starts[i + 1] : base.size()); ++at)
          ids.push_back(single.at(base[at]));
        const Sequence merged = merged_by_definition(*tokenizer, ids);
        expected.insert(expected.end(), merged.begin(), merged.end());
      }
      ASSERT_EQ(tokenizer->merge(base), expected) << "seed " << seed;
    }
  }
}

TEST(Bpe, LearnsAsItsDefinitionSays) {
  const auto base = make_beat_tokenizer("tsd").value();
  Rng rng(11);
  std::vector<Sequence> sequences;
  auto corpus = SubwordCorpus::make(base, WordSplit::kNone).value();
  for (int i = 0; i < 300; ++i) {
    Sequence each;
    // A few words in long and short rows, also of equal words, some of which come again.
    for (std::uint64_t n = 2 + rng.below(40); n > 0; --n) each.push_back(TokenId(10 + rng.below(3) * rng.below(4)));
    for (int times = i % 3 == 0 ? 3 : 1; times > 0; --times) {
      sequences.push_back(each);
      corpus.add(each);
    }
  }
  const int symbols = base->vocabulary().size();
  // More would make one word in two ways.
  constexpr std::size_t kMerges = 6;
  NoProgress progress;
  const auto trained = train_bpe(std::move(corpus), {.words = symbols + int(kMerges)}, progress).value();
  const nlohmann::json merges = trained->to_json()["merges"];
  EXPECT_EQ(merges.get<std::vector<Sequence>>(), merges_by_definition(sequences, symbols, kMerges));
}

TEST(Bpe, StopsWhereNothingOccursOftenEnough) {
  const auto base = make_beat_tokenizer("tsd").value();
  auto corpus = SubwordCorpus::make(base, WordSplit::kNone).value();
  const Sequence piece = {10, 11, 12, 10, 11};
  corpus.add(piece);
  NoProgress progress;
  const auto trained =
      train_bpe(std::move(corpus), {.words = base->vocabulary().size() + 50, .min_count = 2}, progress).value();
  EXPECT_EQ(trained->vocabulary().size(), base->vocabulary().size() + 1);
  EXPECT_EQ(trained->merge(piece).size(), 3u);
}

TEST(Unigram, EncodesToTheMostProbableSegmentation) {
  for (const WordSplit split : {WordSplit::kNone, WordSplit::kBar}) {
    const auto tokenizer = trained_on_random_music("tsd unigram", split);
    const nlohmann::json description = tokenizer->to_json();
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const Sequence base = tokenizer->base().encode(random_score(seed, 60)).value();
      const auto starts = tokenizer->base().sequence_starts(base, split);
      double expected = 0;
      for (std::size_t i = 0; i < starts.size(); ++i) {
        Sequence symbols;
        if (split != WordSplit::kNone) symbols.push_back(TokenId(tokenizer->base().vocabulary().size()));
        symbols.insert(symbols.end(), base.begin() + std::ptrdiff_t(starts[i]),
                       i + 1 < starts.size() ? base.begin() + std::ptrdiff_t(starts[i + 1]) : base.end());
        expected += best_score_by_definition(description, symbols);
      }
      Sequence said;
      double score = 0;
      for (const TokenId id : tokenizer->merge(base)) {
        score += description["scores"][std::size_t(id) - kSpecialTokens].get<double>();
        const auto words = tokenizer->base_words(id);
        said.insert(said.end(), words.begin(), words.end());
      }
      EXPECT_EQ(said, base) << "seed " << seed;
      EXPECT_NEAR(score, expected, 1e-6) << "seed " << seed;
    }
  }
}

// Phrases of two to four words in random order: each is found, and the words of none are joined otherwise.
TEST(Unigram, LearnsThePhrasesOfACorpus) {
  const std::vector<Sequence> phrases = {{10, 11, 12, 13}, {14, 15}, {16, 17, 18}, {19, 10, 19}};
  const auto base = make_beat_tokenizer("tsd").value();
  auto corpus = SubwordCorpus::make(base, WordSplit::kNone).value();
  Rng rng(3);
  const auto piece_of = [&](std::size_t count) {
    Sequence piece;
    for (; count > 0; --count) {
      const Sequence& phrase = phrases[rng.below(phrases.size())];
      piece.insert(piece.end(), phrase.begin(), phrase.end());
    }
    return piece;
  };
  for (int i = 0; i < 200; ++i) corpus.add(piece_of(30));
  NoProgress progress;
  const int words = base->vocabulary().size() + 40;
  const auto trained = train_unigram(std::move(corpus), {.words = words, .longest_word = 8}, progress).value();
  EXPECT_EQ(trained->vocabulary().size(), words);
  const nlohmann::json description = trained->to_json();
  const auto scores = description["scores"].get<std::vector<double>>();
  EXPECT_TRUE(std::is_sorted(scores.rbegin(), scores.rend())) << "ids are in the order of probabilities";
  double sum = 0;
  for (const double score : scores) sum += std::exp(score);
  EXPECT_NEAR(sum, 1, 0.1) << "scores are logarithms of probabilities";
  for (const Sequence& phrase : phrases) EXPECT_EQ(trained->merge(phrase).size(), 1U);
  for (int i = 0; i < 20; ++i) EXPECT_LE(trained->merge(piece_of(30)).size(), 30U);
  for (TokenId id = kSpecialTokens; id < words; ++id) EXPECT_LE(trained->base_words(id).size(), 8U);
}

TEST(SubwordTraining, RefusesWhatCannotBe) {
  const auto base = make_beat_tokenizer("tsd").value();
  NoProgress progress;
  const auto code_of = [&](int words, bool empty) {
    auto corpus = SubwordCorpus::make(base, WordSplit::kBar).value();
    if (!empty) corpus.add(base->encode(random_score(1, 20)).value());
    return train_bpe(std::move(corpus), {.words = words}, progress).error().code;
  };
  EXPECT_EQ(code_of(2000, true), ErrorCode::empty);
  EXPECT_EQ(code_of(base->vocabulary().size(), false), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of(65537, false), ErrorCode::invalid_argument);
}

TEST(SubwordDescriptions, SpecialWordsOfTheBaseAreWordsThatAreNeverLegal) {
  nlohmann::json description = trained_on_random_music("midi_like unigram", WordSplit::kBar)->to_json();
  const int size = int(description["words"].size()) + kSpecialTokens;
  for (const Sequence& word : {Sequence{kPad}, Sequence{kEos}, Sequence{kMask, 10}}) {
    description["words"].push_back(word);
    description["scores"].push_back(-20.0);
  }
  const auto made = tokenizer_from_json(description);
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  EXPECT_EQ((*made)->vocabulary().word(size), "PAD_None");
  for (TokenId id = size; id < size + 3; ++id) EXPECT_FALSE((*made)->grammar()->is_legal(id));
  EXPECT_EQ(check_laws(**made, random_score(3, 80)).violation, "");
}

TEST(SubwordDescriptions, BrokenOnesAreRefused) {
  const nlohmann::json good = trained_on_random_music("tsd", WordSplit::kBar)->to_json();
  const auto code_of = [](const nlohmann::json& description) {
    const auto made = tokenizer_from_json(description);
    return made.ok() ? ErrorCode::io : made.error().code;
  };
  nlohmann::json bad = good;
  bad["merges"][0][2] = bad["merges"][1][2];
  EXPECT_EQ(code_of(bad), ErrorCode::malformed);
  bad = good;
  bad["merges"][0] = {1, 2};
  EXPECT_EQ(code_of(bad), ErrorCode::malformed);
  bad = good;
  bad["words"].erase(0);
  EXPECT_EQ(code_of(bad), ErrorCode::malformed);
  bad = good;
  bad["words"].push_back(bad["words"][5]);
  EXPECT_EQ(code_of(bad), ErrorCode::malformed);
  bad = good;
  bad["words"].push_back({60000});
  EXPECT_EQ(code_of(bad), ErrorCode::malformed);
  bad = good;
  bad["base"] = good;
  EXPECT_EQ(code_of(bad), ErrorCode::malformed);
  bad = good;
  bad["options"]["model"] = "wordpiece";
  EXPECT_EQ(code_of(bad), ErrorCode::malformed);
}

}  // namespace
}  // namespace continuo::tokens
