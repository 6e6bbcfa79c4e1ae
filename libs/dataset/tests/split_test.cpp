#include "pieces/split.h"

#include <algorithm>
#include <array>
#include <numeric>

#include <gtest/gtest.h>

#include "continuo/base/rng.h"
#include "continuo/score/transpose.h"

#include "music_folder.h"
#include "pieces/piece_key.h"

namespace continuo::dataset {
namespace {

std::vector<std::uint64_t> random_groups(std::size_t count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<std::uint64_t> groups(count);
  for (auto& group : groups) group = rng.next_u64();
  return groups;
}

std::array<int, 3> counts_of(const std::vector<Split>& splits) {
  std::array<int, 3> counts{};
  for (const Split split : splits) ++counts[std::size_t(split)];
  return counts;
}

TEST(AssignSplits, NearEightyTenTen) {
  const auto counts = counts_of(assign_splits(random_groups(20000, 1), 0));
  EXPECT_NEAR(counts[0], 16000, 300);
  EXPECT_NEAR(counts[1], 2000, 200);
  EXPECT_NEAR(counts[2], 2000, 200);
}

TEST(AssignSplits, ThreeOrMoreGroupsLeaveNoPartEmpty) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const auto counts = counts_of(assign_splits(random_groups(3 + seed % 12, seed), seed));
    EXPECT_GE(counts[0], 1);
    EXPECT_GE(counts[1], 1);
    EXPECT_GE(counts[2], 1);
  }
}

TEST(AssignSplits, FewerGroupsTrainFirst) {
  EXPECT_TRUE(assign_splits({}, 0).empty());
  EXPECT_EQ(counts_of(assign_splits(random_groups(1, 5), 0)), (std::array<int, 3>{1, 0, 0}));
  EXPECT_EQ(counts_of(assign_splits(random_groups(2, 5), 0)), (std::array<int, 3>{1, 1, 0}));
}

TEST(AssignSplits, GroupIsNeverDivided) {
  auto groups = random_groups(50, 2);
  groups.insert(groups.end(), groups.begin(), groups.end());
  const auto splits = assign_splits(groups, 9);
  EXPECT_TRUE(std::equal(splits.begin(), splits.begin() + 50, splits.begin() + 50));
}

TEST(AssignSplits, PieceKeepsItsSplitWhenOthersCome) {
  const auto few = random_groups(400, 3);
  auto many = few;
  for (const auto group : random_groups(400, 4)) many.push_back(group);
  const auto before = assign_splits(few, 1), after = assign_splits(many, 1);
  EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin()));
  EXPECT_NE(assign_splits(few, 2), before) << "the seed mixes in";
}

class PieceKeyTest : public MusicFolder {};

TEST_F(PieceKeyTest, SameNotesInOtherTicksVelocitiesAndTracksAreTheSamePiece) {
  const score::Score original = music(1);
  score::Score other = original;
  other.ticks_per_quarter *= 2;
  other.title = "another name";
  score::Track second;
  for (auto& note : other.tracks[0].notes) {
    note.onset = note.onset * 2 + score::Ticks(960);
    note.duration = note.duration * 2;
    note.velocity = 33;
  }
  second.notes.push_back(other.tracks[0].notes.back());
  other.tracks[0].notes.pop_back();
  other.tracks.push_back(second);
  EXPECT_EQ(piece_key(other).exact, piece_key(original).exact);
}

TEST_F(PieceKeyTest, AnotherKeyIsAnotherPieceOfTheSameGroup) {
  const score::Score original = music(1);
  const auto moved = score::transposed(original, 5);
  ASSERT_TRUE(moved.ok());
  EXPECT_NE(piece_key(*moved).exact, piece_key(original).exact);
  EXPECT_EQ(piece_key(*moved).group, piece_key(original).group);
  EXPECT_NE(piece_key(music(2)).group, piece_key(original).group);
}

TEST_F(PieceKeyTest, DrumsAreNotMoved) {
  score::Score low = music(1, 20, true), high = low;
  for (auto& note : high.tracks[0].notes) note.pitch = std::uint8_t(note.pitch + 1);
  EXPECT_NE(piece_key(low).group, piece_key(high).group);
}

}  // namespace
}  // namespace continuo::dataset
