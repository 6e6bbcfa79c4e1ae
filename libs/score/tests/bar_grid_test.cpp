#include "continuo/score/bar_grid.h"

#include <gtest/gtest.h>

namespace continuo::score {
namespace {

Score score_with_notes(std::vector<Note> notes, std::vector<TimeSignature> signatures = {}) {
  Score score;
  score.ticks_per_quarter = 100;
  score.tracks.resize(1);
  score.tracks[0].notes = std::move(notes);
  score.time_signatures = std::move(signatures);
  return score;
}

TEST(BarGrid, EmptyScoreHasOneBarOfFourFour) {
  const BarGrid grid{score_with_notes({})};
  ASSERT_EQ(grid.bars().size(), 1U);
  EXPECT_EQ(grid.bars()[0].length, Ticks(400));
}

TEST(BarGrid, EndsWithTheBarOfTheLastNote) {
  EXPECT_EQ(BarGrid(score_with_notes({{Ticks(0), Ticks(400), 60, 80}})).bars().size(), 1U);
  EXPECT_EQ(BarGrid(score_with_notes({{Ticks(0), Ticks(401), 60, 80}})).bars().size(), 2U);
  EXPECT_EQ(BarGrid(score_with_notes({{Ticks(400), Ticks(0), 60, 80}})).bars().size(), 2U);
}

TEST(BarGrid, FourFourHoldsBeforeTheFirstSignature) {
  const BarGrid grid(score_with_notes({{Ticks(1000), Ticks(10), 60, 80}}, {{Ticks(800), 3, 4}}));
  ASSERT_EQ(grid.bars().size(), 3U);
  EXPECT_EQ(grid.bars()[1].length, Ticks(400));
  EXPECT_EQ(grid.bars()[2].length, Ticks(300));
  EXPECT_EQ(grid.bars()[2].time_signature.numerator, 3);
}

TEST(BarGrid, ChangeInsideABarEndsIt) {
  const BarGrid grid(score_with_notes({{Ticks(600), Ticks(10), 60, 80}}, {{Ticks(0), 4, 4}, {Ticks(500), 2, 4}}));
  ASSERT_EQ(grid.bars().size(), 3U);
  EXPECT_EQ(grid.bars()[1].onset, Ticks(400));
  EXPECT_EQ(grid.bars()[1].length, Ticks(100));
  EXPECT_EQ(grid.bars()[2].onset, Ticks(500));
}

TEST(BarGrid, OfTwoSignaturesAtOneTickTheLastCounts) {
  const BarGrid grid(score_with_notes({{Ticks(0), Ticks(10), 60, 80}}, {{Ticks(0), 2, 4}, {Ticks(0), 3, 4}}));
  EXPECT_EQ(grid.bars()[0].length, Ticks(300));
}

TEST(BarGrid, IndexAt_BeforeTheMusicIsTheFirstBar) {
  const BarGrid grid(score_with_notes({{Ticks(0), Ticks(900), 60, 80}}));
  EXPECT_EQ(grid.index_at(Ticks(-1)), 0U);
}

TEST(BarGrid, IndexAt_BeyondTheEndIsTheLastBar) {
  const BarGrid grid(score_with_notes({{Ticks(0), Ticks(1000), 60, 80}}));
  EXPECT_EQ(grid.index_at(Ticks(0)), 0U);
  EXPECT_EQ(grid.index_at(Ticks(399)), 0U);
  EXPECT_EQ(grid.index_at(Ticks(400)), 1U);
  EXPECT_EQ(grid.index_at(Ticks(99999)), 2U);
}

TEST(BarGrid, AnAbsurdlyLateNoteDoesNotTakeAllMemory) {
  const Ticks late(std::int64_t{1} << 40);
  const BarGrid grid(score_with_notes({{late, Ticks(1), 60, 80}}, {{Ticks(0), 1, 128}}));
  EXPECT_EQ(grid.bars().size(), BarGrid::kMaxBars);
  EXPECT_GT(grid.bars().back().end(), late);
  EXPECT_EQ(grid.index_at(late), BarGrid::kMaxBars - 1);
}

// Bars follow one another without a gap from tick 0 to the end of the music and change where a signature does, and each
// tick is found in the bar that holds it.
TEST(BarGrid, BarsTileTheMusicAndIndexAtFindsEachTick) {
  const std::vector<std::vector<TimeSignature>> meters = {
      {},
      {{Ticks(0), 3, 4}},
      {{Ticks(250), 2, 4}},
      {{Ticks(700), 5, 8}, {Ticks(0), 4, 4}, {Ticks(400), 3, 4}},
      {{Ticks(0), 4, 4}, {Ticks(900), 2, 2}, {Ticks(900), 7, 8}, {Ticks(5000), 3, 4}},
  };
  for (const std::vector<TimeSignature>& signatures : meters) {
    for (const std::int64_t last : {0, 249, 250, 399, 400, 401, 899, 900, 901, 1300}) {
      const BarGrid grid(score_with_notes({{Ticks(last), Ticks(1), 60, 80}}, signatures));
      Ticks expected_onset;
      for (const Bar& bar : grid.bars()) {
        EXPECT_EQ(bar.onset, expected_onset);
        EXPECT_GT(bar.length, Ticks(0));
        EXPECT_LE(bar.length, bar.time_signature.bar_length(100));
        expected_onset = bar.end();
      }
      EXPECT_LE(grid.bars().back().onset, Ticks(last));
      EXPECT_GT(grid.bars().back().end(), Ticks(last));
      for (std::int64_t tick = 0; tick <= last; ++tick) {
        const Bar& bar = grid.bars()[grid.index_at(Ticks(tick))];
        ASSERT_TRUE(bar.onset <= Ticks(tick) && Ticks(tick) < bar.end()) << tick;
        const TimeSignature* in_force = nullptr;
        for (const TimeSignature& signature : signatures) {
          if (signature.onset <= Ticks(tick) && (in_force == nullptr || signature.onset >= in_force->onset)) {
            in_force = &signature;
          }
        }
        const TimeSignature wanted = in_force != nullptr ? *in_force : TimeSignature{};
        ASSERT_EQ(bar.time_signature.numerator, wanted.numerator) << tick;
        ASSERT_EQ(bar.time_signature.denominator, wanted.denominator) << tick;
      }
    }
  }
}

Score score_with_irregular_bars(std::vector<IrregularBar> bars, std::vector<TimeSignature> signatures = {}) {
  Score score = score_with_notes({{Ticks(2000), Ticks(10), 60, 80}}, std::move(signatures));
  score.irregular_bars = std::move(bars);
  return score;
}

std::vector<Ticks> bar_lines(const Score& score) {
  std::vector<Ticks> lines;
  const BarGrid grid(score);
  for (const Bar& bar : grid.bars()) lines.push_back(bar.onset);
  return lines;
}

TEST(BarGrid, IrregularBarIsShorterOrLongerAndTheMeterGoesOn) {
  const Score score = score_with_irregular_bars({{Ticks(400), Ticks(150)}, {Ticks(950), Ticks(500)}});
  const std::vector<Bar> bars = BarGrid(score).bars();
  EXPECT_EQ(bar_lines(score), (std::vector{Ticks(0), Ticks(400), Ticks(550), Ticks(950), Ticks(1450), Ticks(1850)}));
  EXPECT_EQ(bars[1].length, Ticks(150));
  EXPECT_EQ(bars[1].time_signature.numerator, 4);
  EXPECT_EQ(bars.back().length, Ticks(400));
}

TEST(BarGrid, IrregularBarBeginsABarAndIsCutByWhatBegins) {
  EXPECT_EQ(bar_lines(score_with_irregular_bars({{Ticks(300), Ticks(900)}, {Ticks(1000), Ticks(1500)}},
                                                {{Ticks(1800), 3, 4}})),
            (std::vector{Ticks(0), Ticks(300), Ticks(1000), Ticks(1800)}));
  EXPECT_EQ(bar_lines(score_with_irregular_bars({{Ticks(400), Ticks(0)}})).size(), 6U);
}

TEST(SignaturesOfBars, AreThoseOfAScoreWithoutIrregularBars) {
  const Score score = score_with_notes({}, {{Ticks(100), 3, 4}, {Ticks(0), 2, 4}});
  EXPECT_EQ(signatures_of_bars(score), score.time_signatures);
}

TEST(SignaturesOfBars, IrregularBarHasOneOfItsOwn) {
  const Score score = score_with_irregular_bars({{Ticks(400), Ticks(150)}, {Ticks(550), Ticks(500)}},
                                                {{Ticks(0), 4, 4}, {Ticks(1050), 3, 4}});
  EXPECT_EQ(
      signatures_of_bars(score),
      (std::vector<TimeSignature>{{Ticks(0), 4, 4}, {Ticks(400), 3, 8}, {Ticks(550), 5, 4}, {Ticks(1050), 3, 4}}));
  const Score default_meter = score_with_irregular_bars({{Ticks(400), Ticks(150)}});
  EXPECT_EQ(signatures_of_bars(default_meter), (std::vector<TimeSignature>{{Ticks(400), 3, 8}, {Ticks(550), 4, 4}}));
}

TEST(SignaturesOfBars, WithoutAFractionTheMeterIsGivenAgain) {
  EXPECT_EQ(signatures_of_bars(score_with_irregular_bars({{Ticks(400), Ticks(133)}})),
            (std::vector<TimeSignature>{{Ticks(400), 4, 4}, {Ticks(533), 4, 4}}));
}

TEST(SignaturesOfBars, HaveTheSameBarLines) {
  for (int seed = 0; seed < 200; ++seed) {
    Score score = score_with_irregular_bars({}, {{Ticks(0), 4, 4}, {Ticks(25 * (seed % 80)), 1 + seed % 5, 8}});
    for (int i = 0; i < 1 + seed % 4; ++i)
      score.irregular_bars.push_back({Ticks(25 * (seed * (i + 3) % 90)), Ticks(25 * (1 + (seed + 7 * i) % 30))});
    Score plain = score;
    plain.time_signatures = signatures_of_bars(score);
    plain.irregular_bars = {};
    EXPECT_EQ(bar_lines(plain), bar_lines(score)) << seed;
  }
}

TEST(BarFraction, IsTheCoarsestThatIsExact) {
  const auto fraction = bar_fraction(600, 1600, 2);
  ASSERT_TRUE(fraction);
  EXPECT_EQ(fraction->numerator, 3);
  EXPECT_EQ(fraction->denominator, 8);
  EXPECT_FALSE(bar_fraction(601, 1600, 4));
  EXPECT_FALSE(bar_fraction(256 * 400, 1600, 4));
  EXPECT_EQ(bar_fraction(255 * 400, 1600, 4)->numerator, 255);
}

}  // namespace
}  // namespace continuo::score
