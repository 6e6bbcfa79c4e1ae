#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "../src/continuation/continuation.h"
#include "support/fake_model.h"

namespace continuo::generate {
namespace {

using namespace testing;
using score::Score;
using score::Ticks;

constexpr std::int64_t kQuarter = 480;
constexpr std::int64_t kBar = 4 * kQuarter;
constexpr int kBars = 8, kPrimerBars = 4, kNewBars = 2;

// Bars of a quarter, a quarter, two eighths and a quarter. No pitch comes twice in a row.
Score melody(bool drums, double quarters_per_minute) {
  constexpr std::int64_t kOnsets[] = {0, 2, 4, 5, 6, 8};  // Units: eighths
  constexpr int kKit[] = {36, 38, 42, 46, 43};
  Score score;
  score.ticks_per_quarter = kQuarter;
  score.tempos = {{Ticks(0), std::int32_t(std::lround(60e6 / quarters_per_minute))}};
  score.time_signatures = {{Ticks(0), 4, 4}};
  score.tracks.resize(1);
  score.tracks[0].is_drum = drums;
  for (int bar = 0; bar < kBars; ++bar) {
    for (int i = 0; i < 5; ++i) {
      const Ticks onset(bar * kBar + kOnsets[i] * kQuarter / 2), end(bar * kBar + kOnsets[i + 1] * kQuarter / 2);
      const int pitch = drums ? kKit[(bar * 2 + i) % 5] : 60 + (bar * 4 + i * 5) % 17;
      score.tracks[0].notes.push_back({onset, end - onset, std::uint8_t(pitch), 80});
    }
  }
  return score;
}

// The notes of [begin, end), in order of time: onset in quarters, pitch.
std::vector<std::pair<double, int>> notes_in(const Score& score, Ticks begin, Ticks end) {
  std::vector<std::pair<double, int>> notes;
  for (const auto& track : score.tracks)
    for (const auto& note : track.notes)
      if (note.onset >= begin && note.onset < end)
        notes.emplace_back(double(note.onset.value) / score.ticks_per_quarter, note.pitch);
  std::sort(notes.begin(), notes.end());
  return notes;
}

Score cut_to(Score score, Ticks end) {
  for (auto& track : score.tracks) std::erase_if(track.notes, [&](const auto& note) { return note.onset >= end; });
  return score;
}

// Every tokenisation, with and without subwords. A model that knows a piece continues its beginning: the result has to
// be the piece. Anything wrong with speed, bar or length puts a note elsewhere, leaves one out or adds one.
class ContinuationLaw : public ::testing::TestWithParam<std::string> {
 protected:
  bool drums() const { return GetParam().starts_with("drum_grid"); }
  std::shared_ptr<const tokens::Tokenizer> tokenizer() const {
    const std::vector<Score> corpus = {melody(drums(), 100), melody(drums(), 60)};
    return tokenizer_named(GetParam(), corpus);
  }

  void expect_continued(const std::shared_ptr<const tokens::Tokenizer>& tokenizer, const Score& piece,
                        const Score& primer, Ticks joint, Length length) {
    const Composer composer = composer_of(tokenizer, piece);
    const auto made = run(composer, {.primer = primer, .length = length, .sampler = {.temperature = 0}});
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    EXPECT_EQ(made->score.tempos, primer.tempos);
    EXPECT_EQ(made->score.time_signatures, primer.time_signatures);
    const Ticks end = joint + Ticks(kNewBars * kBar), forever(1 << 30);
    const auto wanted = notes_in(piece, joint, end), found = notes_in(made->score, primer.end(), forever);
    ASSERT_EQ(found.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      // 10 ms are a twentieth of the shortest quarter.
      EXPECT_NEAR(found[i].first, wanted[i].first, 0.051) << "note " << i;
      EXPECT_EQ(found[i].second, wanted[i].second) << "note " << i;
    }
    EXPECT_LE(made->score.end().value, end.value + kQuarter / 20);
    if (!drums()) {
      EXPECT_GE(made->score.end().value, end.value - kQuarter / 20);
    }
  }
};

INSTANTIATE_TEST_SUITE_P(All, ContinuationLaw, ::testing::ValuesIn(all_with_subwords()), [](const auto& parameter) {
  std::string name = parameter.param;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
});

TEST_P(ContinuationLaw, AnyTempo_GoesOnAtThatTempoForAsLongAsAsked) {
  const auto tokenizer = this->tokenizer();
  for (const double tempo : {40.0, 60.0, 100.0, 150.0, 300.0}) {
    SCOPED_TRACE(tempo);
    const Score piece = melody(drums(), tempo);
    const Ticks joint(kPrimerBars * kBar);
    const Score primer = cut_to(piece, joint);
    expect_continued(tokenizer, piece, primer, joint, {LengthUnit::kBars, kNewBars});
    expect_continued(tokenizer, piece, primer, joint, {LengthUnit::kSeconds, kNewBars * 4 * 60 / tempo});
  }
}

TEST_P(ContinuationLaw, LastBarIncomplete_BeginsAtTheNextBarLine) {
  const auto tokenizer = this->tokenizer();
  if (!tokenizer->traits().marks_bars()) GTEST_SKIP() << "continues where the last note ends";
  Score piece = melody(drums(), 100);
  const Ticks rest_begin((kPrimerBars - 1) * kBar + kQuarter), joint(kPrimerBars * kBar);
  std::erase_if(piece.tracks[0].notes,
                [&](const auto& note) { return note.onset >= rest_begin && note.onset < joint; });
  expect_continued(tokenizer, piece, cut_to(piece, rest_begin), joint, {LengthUnit::kBars, kNewBars});
}

TEST_P(ContinuationLaw, FromNothing_NotesAreCutAtTheLastBarLine) {
  const auto tokenizer = this->tokenizer();
  if (!tokenizer->traits().marks_bars()) GTEST_SKIP() << "measures bars by time";
  Score piece = melody(drums(), 100);
  piece.tracks[0].notes[kNewBars * 5 - 1].duration = Ticks(3 * kQuarter);
  const auto made =
      run(composer_of(tokenizer, piece), {.length = {LengthUnit::kBars, kNewBars}, .sampler = {.temperature = 0}});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  EXPECT_EQ(made->score.note_count(), std::size_t(kNewBars * 5));
  const double end = double(made->score.end().value) / made->score.ticks_per_quarter;
  EXPECT_LE(end, kNewBars * 4.0);
  if (!drums()) {
    EXPECT_EQ(end, kNewBars * 4.0);
  }
}

TEST(Continuation, ModelThatIsNotCausal_ErrorNamesIt) {
  const Composer c = fake_composer("remi", Taste::kUniform, {.bidirectional = true});
  const TokenFacts facts(*c.tokenizer);
  const ComposeOptions options;
  ThreadPool threads(1);
  NoProgress progress;
  const Request request{c, facts, options, threads, progress, {.tokens = 10, .max_tokens = 10}};
  std::vector<History> histories;
  histories.emplace_back(*c.tokenizer, facts);
  const Status status = continue_histories(request, histories);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::unsupported);
  EXPECT_NE(status.error().what.find("bert"), std::string::npos) << status.error().what;
}

bool names_timing(const std::string& word) {
  return word.find("TimeSig") != std::string::npos || word.find("Tempo") != std::string::npos;
}

// A bidirectional model that likes nothing as much as a change of meter or tempo.
TEST(Unmasking, SubwordsThatSetMeterOrTempo_AreNotDrawnAfterTheBeginning) {
  for (const std::string name : {"remi", "remi bpe", "remi unigram", "tsd bpe"}) {
    Composer c = fake_composer(name, Taste::kUniform, {.bidirectional = true});
    const auto& words = c.tokenizer->vocabulary().words();
    const auto likes = [&](std::span<const TokenId>, std::size_t, std::span<float> logits) {
      for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = names_timing(words[i]) ? 8.0f : 0.0f;
    };
    if (name.ends_with("bpe")) {
      EXPECT_TRUE(std::any_of(words.begin(), words.end(), [](const std::string& word) {
        return names_timing(word) && !word.starts_with("TimeSig") && !word.starts_with("Tempo");
      }));
    }
    c.model = std::make_shared<FakeModel>(c.model->config(), likes);
    const Score primer = small_piece(4);
    for (const Length length : {Length{LengthUnit::kBars, 3}, Length{LengthUnit::kTokens, 60}}) {
      const auto made = run(c, {.primer = primer, .length = length, .rounds = 3});
      ASSERT_TRUE(made.ok()) << made.error().to_line();
      EXPECT_GE(made->tokens.size(), 3u);
      EXPECT_EQ(made->score.tempos, primer.tempos);
      EXPECT_EQ(made->score.time_signatures, primer.time_signatures);
    }
  }
}

}  // namespace
}  // namespace continuo::generate
