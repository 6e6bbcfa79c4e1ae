#include <gtest/gtest.h>

#include "support/fake_model.h"

namespace continuo::generate {
namespace {

using namespace testing;
using score::Score;
using score::Ticks;

constexpr std::int64_t kBar = 1152;  // Units: ticks of small_piece

std::vector<score::Note> notes_outside(const score::Track& track, Ticks begin, Ticks end) {
  std::vector<score::Note> notes;
  for (const auto& note : track.notes)
    if (note.onset < begin || note.onset >= end) notes.push_back(note);
  return notes;
}

void expect_others_untouched(const Score& before, const Score& after, Ticks begin, Ticks end) {
  ASSERT_GE(after.tracks.size(), before.tracks.size());
  for (std::size_t i = 0; i < after.tracks.size(); ++i) {
    const score::Track old = i < before.tracks.size() ? before.tracks[i] : score::Track{};
    EXPECT_EQ(notes_outside(after.tracks[i], begin, end), notes_outside(old, begin, end));
    EXPECT_EQ(after.tracks[i].controls, old.controls);
    for (const auto& note : after.tracks[i].notes)
      EXPECT_TRUE(note.onset < begin || note.onset >= end || note.end() <= end);
  }
  EXPECT_EQ(after.tempos, before.tempos);
  EXPECT_EQ(after.time_signatures, before.time_signatures);
  EXPECT_EQ(after.key_signatures, before.key_signatures);
}

TEST(Fill, EveryTaste_OnlyTheBarsChange) {
  const Score piece = small_piece(12);
  for (const Taste taste : kTastes) {
    const Composer c = fake_composer("remi", taste, {.bidirectional = true, .context_length = 256});
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const int first = 1 + int(seed % 12), last = std::min(12, first + int(seed % 4));
      const auto made = run(c, {.primer = piece, .fill = BarRange{first, last}, .seed = seed, .rounds = 5});
      ASSERT_TRUE(made.ok()) << made.error().to_line();
      expect_others_untouched(piece, made->score, Ticks((first - 1) * kBar), Ticks(last * kBar));
      EXPECT_NE(made->score.tracks, piece.tracks);
      std::size_t bars = 0;
      for (const TokenId token : made->tokens) bars += c.tokenizer->vocabulary().word(token).starts_with("Bar");
      EXPECT_EQ(bars, std::size_t(last - first + 1));
    }
  }
}

TEST(Fill, PieceAndRangeLongerThanTheContext) {
  const Score piece = small_piece(64);
  const Composer c = fake_composer("remi", Taste::kWhim, {.bidirectional = true, .context_length = 64});
  for (const BarRange range : {BarRange{30, 31}, BarRange{1, 64}, BarRange{60, 64}, BarRange{1, 2}}) {
    const auto made = run(c, {.primer = piece, .fill = range, .rounds = 4});
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    expect_others_untouched(piece, made->score, Ticks((range.first - 1) * kBar), Ticks(range.last * kBar));
  }
}

TEST(Fill, SeedDecides) {
  const Score piece = small_piece(8);
  const Composer c = fake_composer("remi", Taste::kUniform, {.bidirectional = true});
  const auto fill = [&](std::uint64_t seed, int threads) {
    return run(c, {.primer = piece, .fill = BarRange{3, 4}, .seed = seed}, threads).value().score;
  };
  EXPECT_EQ(fill(1, 1), fill(1, 2));
  EXPECT_NE(fill(1, 1), fill(2, 1));
}

TEST(Fill, NoteRingingIn_StaysAndIsNotStruckAgain) {
  Score piece = small_piece(4);
  piece.tracks[1].notes = {{Ticks(0), Ticks(3 * kBar), 60, 80}};
  const Composer c = fake_composer("remi", Taste::kUniform, {.bidirectional = true});
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const auto made = run(c, {.primer = piece, .fill = BarRange{2, 3}, .seed = seed, .rounds = 3});
    ASSERT_TRUE(made.ok());
    expect_others_untouched(piece, made->score, Ticks(kBar), Ticks(3 * kBar));
    for (const auto& note : made->score.tracks[1].notes)
      EXPECT_TRUE(note.pitch != 60 || note.onset == Ticks(0) || note.onset >= Ticks(3 * kBar));
  }
}

TEST(Fill, StrangeMeter_BarsKeepTheirLength) {
  Score piece = small_piece(8);
  piece.time_signatures = {{Ticks(0), 3, 4}, {Ticks(2 * kBar), 13, 16}, {Ticks(2 * kBar + 2 * 1248), 3, 4}};
  const Composer c = fake_composer("remi", Taste::kWhim, {.bidirectional = true});
  const auto made = run(c, {.primer = piece, .fill = BarRange{3, 3}, .rounds = 3});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  expect_others_untouched(piece, made->score, Ticks(2 * kBar), Ticks(2 * kBar + 1248));
}

// Four voices, each with a track of its own, in 3/4: notes of three sixteenths, so that some sound over each bar line.
Score four_voices(int bars) {
  Score piece;
  piece.ticks_per_quarter = 384;
  piece.time_signatures = {{Ticks(0), 3, 4}};
  piece.tracks.resize(4);
  for (std::size_t voice = 0; voice < 4; ++voice) {
    piece.tracks[voice].program = 19;
    for (std::int64_t now = 96 * std::int64_t(voice); now < bars * kBar; now += 288) {
      const auto pitch = std::uint8_t(72 - 8 * voice + std::size_t(now / 288) % 3);
      piece.tracks[voice].notes.push_back(
          {Ticks(now), Ticks(std::min<std::int64_t>(288, bars * kBar - now)), pitch, 80});
    }
  }
  return piece;
}

// A tokenisation without bar lines, in which the number of tokens is the time.
TEST(Fill, AGridWithoutBars_OnlyTheBarsChange) {
  const Score piece = four_voices(8);
  for (const Taste taste : kTastes) {
    for (const int context : {24, 256}) {
      const Composer c = fake_composer("chorale_grid", taste, {.bidirectional = true, .context_length = context});
      for (const BarRange range : {BarRange{3, 4}, BarRange{1, 1}, BarRange{8, 8}, BarRange{1, 8}}) {
        const auto made = run(c, {.primer = piece, .fill = range, .seed = 3, .rounds = 3});
        ASSERT_TRUE(made.ok()) << made.error().to_line();
        const Ticks begin((range.first - 1) * kBar), end(range.last * kBar);
        expect_others_untouched(piece, made->score, begin, end);
        EXPECT_EQ(made->score.tracks.size(), 4U) << "each voice keeps its track";
        EXPECT_NE(made->score.tracks, piece.tracks);
        EXPECT_EQ(made->tokens.size(), std::size_t(range.last - range.first + 1) * 12 * 4);
      }
    }
  }
}

// The model repeats the pitch that sounds before the bar, which the grid reads as one long note.
TEST(Fill, AGridWithoutBars_NewNotesBeginWithTheFirstBar) {
  Score piece = four_voices(4);
  for (auto& track : piece.tracks)
    track.notes = {{Ticks(0), Ticks(kBar), 61, 80}, {Ticks(kBar), Ticks(3 * kBar), 61, 80}};
  const Composer c = fake_composer("chorale_grid", Taste::kStubborn, {.bidirectional = true});
  const auto made = run(c, {.primer = piece, .fill = BarRange{2, 2}, .rounds = 3});
  ASSERT_TRUE(made.ok()) << made.error().to_line();
  for (const auto& track : made->score.tracks) {
    ASSERT_EQ(track.notes.size(), 2U);
    EXPECT_EQ(track.notes[1].pitch, 61);
    EXPECT_EQ(track.notes[1].onset, Ticks(kBar));
    EXPECT_EQ(track.notes[1].end(), Ticks(2 * kBar));
  }
}

TEST(Fill, AGridWithoutBars_RefusesBarsThatAreNotOnIt) {
  Score piece = four_voices(4);
  piece.time_signatures = {{Ticks(0), 1, 32}};
  const Composer c = fake_composer("chorale_grid", Taste::kUniform, {.bidirectional = true});
  const auto made = run(c, {.primer = piece, .fill = BarRange{2, 2}});
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().what, "these bars do not begin and end with steps of the tokenisation's grid");
  const Composer causal = fake_composer("chorale_grid", Taste::kUniform);
  EXPECT_FALSE(run(causal, {.primer = four_voices(4), .fill = BarRange{2, 2}}).ok());
}

std::string complaint(const Composer& composer, const ComposeOptions& options) {
  const auto made = run(composer, options);
  return made.ok() ? "fine" : made.error().code == ErrorCode::invalid_argument ? made.error().what : "another code";
}

TEST(Fill, CannotBe_SaysWhy) {
  const Score piece = small_piece(32);
  const Composer bert = fake_composer("remi", Taste::kUniform, {.bidirectional = true});
  EXPECT_EQ(complaint(bert, {.primer = piece, .fill = BarRange{40, 44}}), "bars 40-44: the piece has 32 bars");
  EXPECT_EQ(complaint(bert, {.primer = piece, .fill = BarRange{0, 0}}), "bar 0: the piece has 32 bars");
  EXPECT_EQ(complaint(bert, {.primer = piece, .fill = BarRange{5, 4}}), "bars 5-4: the piece has 32 bars");
  EXPECT_NE(complaint(bert, {.fill = BarRange{1, 2}}).find("needs a piece"), std::string::npos);
  EXPECT_NE(complaint(fake_composer("remi", Taste::kUniform), {.primer = piece, .fill = BarRange{1, 2}}).find("bert"),
            std::string::npos);
  const Composer barless = fake_composer("performance", Taste::kUniform, {.bidirectional = true});
  EXPECT_NE(complaint(barless, {.primer = piece, .fill = BarRange{1, 2}}).find("no bars"), std::string::npos);
}

}  // namespace
}  // namespace continuo::generate
