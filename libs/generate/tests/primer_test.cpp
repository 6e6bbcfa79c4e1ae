#include <gtest/gtest.h>

#include "continuo/score/bar_grid.h"

#include "support/fake_model.h"

namespace continuo::generate {
namespace {

using namespace testing;
using score::Score;
using score::Ticks;

// Whether everything of `primer` is in `result`, and all that is new begins at `joint` or later.
void expect_untouched(const Score& primer, const Score& result, Ticks joint) {
  ASSERT_GE(result.tracks.size(), primer.tracks.size());
  EXPECT_EQ(result.ticks_per_quarter, primer.ticks_per_quarter);
  EXPECT_EQ(result.title, primer.title);
  EXPECT_EQ(result.key_signatures, primer.key_signatures);
  for (std::size_t i = 0; i < result.tracks.size(); ++i) {
    const auto& after = result.tracks[i];
    const score::Track before = i < primer.tracks.size() ? primer.tracks[i] : score::Track{};
    EXPECT_TRUE(i >= primer.tracks.size() || after.name == before.name);
    ASSERT_GE(after.notes.size(), before.notes.size());
    for (std::size_t n = 0; n < after.notes.size(); ++n) {
      if (n < before.notes.size())
        EXPECT_EQ(after.notes[n], before.notes[n]);
      else
        EXPECT_GE(after.notes[n].onset, joint);
    }
    ASSERT_GE(after.controls.size(), before.controls.size());
    for (std::size_t n = 0; n < before.controls.size(); ++n) EXPECT_EQ(after.controls[n], before.controls[n]);
  }
  for (std::size_t n = 0; n < primer.tempos.size(); ++n) EXPECT_EQ(result.tempos[n], primer.tempos[n]);
}

TEST(Primer, EveryTokenisation_PrimerIsItself) {
  const Score primer = small_piece(7);
  for (const std::string name : {"remi", "performance", "note_chord"}) {
    for (const bool bidirectional : {false, true}) {
      const Composer c = fake_composer(name, Taste::kWhim, {.bidirectional = bidirectional});
      for (std::uint64_t seed = 0; seed < 5; ++seed) {
        const auto made = run(c, {.primer = primer, .length = {LengthUnit::kBars, 6}, .seed = seed, .rounds = 4});
        ASSERT_TRUE(made.ok()) << made.error().to_line();
        expect_untouched(primer, made->score, primer.end());
        EXPECT_GT(made->score.note_count(), primer.note_count()) << name << bidirectional;
      }
    }
  }
}

TEST(Primer, Bars_EndAtTheBarLine) {
  const Score primer = small_piece(7);
  const Composer c = fake_composer("performance", Taste::kWhim);
  const auto made = run(c, {.primer = primer, .length = {LengthUnit::kBars, 2}});
  ASSERT_TRUE(made.ok());
  // The last tempo holds on: two bars of three quarters of 0.45 s.
  EXPECT_LE(made->score.duration().value, primer.duration().value + 2 * 3 * 0.45 + 0.002);
  EXPECT_GT(made->score.duration().value, primer.duration().value + 3 * 0.45);
}

TEST(Primer, NoteChordSeconds_RunByThePrimersTempo) {
  const Score primer = small_piece(7);
  const Composer c = fake_composer("note_chord", Taste::kWhim);
  const auto made = run(c, {.primer = primer, .length = {LengthUnit::kSeconds, 9}});
  ASSERT_TRUE(made.ok());
  EXPECT_LE(made->score.duration().value, primer.duration().value + 9.01);
  EXPECT_GT(made->score.duration().value, primer.duration().value + 7);
}

TEST(Primer, LastBarIncomplete_ContinuationBeginsAtTheNextBarLine) {
  Score primer = small_piece(4);
  std::erase_if(primer.tracks[1].notes, [](const auto& n) { return n.onset >= Ticks(3 * 1152); });
  for (auto& track : primer.tracks)
    std::erase_if(track.notes, [](const auto& n) { return n.onset >= Ticks(3 * 1152 + 384); });
  const Composer c = fake_composer("remi", Taste::kUniform);
  Ticks earliest(1 << 30);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto made = run(c, {.primer = primer, .length = {LengthUnit::kBars, 2}, .seed = seed});
    ASSERT_TRUE(made.ok());
    expect_untouched(primer, made->score, Ticks(4 * 1152));
    for (const auto& track : made->score.tracks)
      for (const auto& n : track.notes)
        if (n.onset >= Ticks(4 * 1152)) earliest = std::min(earliest, n.onset);
  }
  // The first new bar is the next one, and not one more behind it.
  EXPECT_LT(earliest, Ticks(4 * 1152 + 384));
}

TEST(Primer, PedalDown_GoesUpAtTheJoint) {
  const Score primer = small_piece(5);
  const auto made = run(fake_composer("remi", Taste::kWhim), {.primer = primer, .length = {LengthUnit::kBars, 2}});
  ASSERT_TRUE(made.ok());
  ASSERT_EQ(made->score.tracks[0].controls.size(), primer.tracks[0].controls.size() + 1);
  EXPECT_EQ(made->score.tracks[0].controls.back(), (score::ControlChange{Ticks(5 * 1152), 64, 0}));
  EXPECT_EQ(made->score.tracks[1].controls.size(), 0u);
}

TEST(Primer, PedalThatGoesDownAtTheJointAfterANote_GoesUpAfterThat) {
  Score primer = small_piece(5);
  primer.tracks[0].controls = {{Ticks(5 * 1152), 64, 127, score::TickPlace::after_onsets}};
  const auto made = run(fake_composer("remi", Taste::kWhim), {.primer = primer, .length = {LengthUnit::kBars, 2}});
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->score.tracks[0].controls.back(),
            (score::ControlChange{Ticks(5 * 1152), 64, 0, score::TickPlace::after_onsets}));
}

TEST(Primer, PedalHoldsTheLastNotes_PerformanceBeginsWhenItGoesUp) {
  Score primer = small_piece(5);
  primer.tracks.erase(primer.tracks.begin() + 1, primer.tracks.end());
  primer.tracks[0].controls.push_back({primer.end() + Ticks(500), 64, 0});
  const auto made =
      run(fake_composer("performance", Taste::kWhim), {.primer = primer, .length = {LengthUnit::kBars, 2}});
  ASSERT_TRUE(made.ok());
  expect_untouched(primer, made->score, primer.end() + Ticks(500));
  EXPECT_EQ(made->score.tracks[0].controls, primer.tracks[0].controls);
}

TEST(Primer, InstrumentTheTokenisationLoses_GoesOnInThePrimersTrack) {
  Score primer = small_piece(5);
  primer.tracks.erase(primer.tracks.begin() + 1, primer.tracks.end());
  primer.tracks[0].program = 71;
  for (const std::string name : {"performance", "note_chord"}) {
    const auto made = run(fake_composer(name, Taste::kWhim), {.primer = primer, .length = {LengthUnit::kBars, 3}});
    ASSERT_TRUE(made.ok());
    EXPECT_EQ(made->score.tracks.size(), 1u);
    EXPECT_GT(made->score.tracks[0].notes.size(), primer.tracks[0].notes.size());
  }
}

TEST(Primer, NoNotesOrStrangeNotes_SaysSo) {
  const auto empty = run(fake_composer("remi", Taste::kUniform), {.primer = Score{}});
  ASSERT_FALSE(empty.ok());
  EXPECT_EQ(empty.error().code, ErrorCode::no_notes);
  Score strange = small_piece();
  strange.tracks[0].notes[3].pitch = 127;
  const auto unknown = run(fake_composer("note_chord", Taste::kUniform), {.primer = strange});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::out_of_vocabulary);
}

TEST(Primer, LongerThanTheContext_StillContinued) {
  const Score primer = small_piece(60);
  for (const bool bidirectional : {false, true}) {
    const Composer c = fake_composer("remi", Taste::kWhim, {.bidirectional = bidirectional, .context_length = 64});
    const auto made = run(c, {.primer = primer, .length = {LengthUnit::kBars, 3}, .rounds = 4});
    ASSERT_TRUE(made.ok()) << made.error().to_line();
    expect_untouched(primer, made->score, primer.end());
  }
}

}  // namespace
}  // namespace continuo::generate
