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

}  // namespace
}  // namespace continuo::score
