#include <algorithm>
#include <array>
#include <numeric>

#include <gtest/gtest.h>

#include "continuo/base/rng.h"
#include "continuo/score/transpose.h"

#include "music_folder.h"
#include "pieces/piece_key.h"
#include "pieces/split_assignment.h"

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

TEST(SplitShares, AreThreePercentagesThatSumTo100) {
  const auto shares = SplitShares::parse("70/20/10");
  ASSERT_TRUE(shares.ok());
  EXPECT_EQ(*shares, (SplitShares{.train = 70, .validation = 20, .test = 10}));
  EXPECT_EQ(shares->to_string(), "70/20/10");
  EXPECT_TRUE(SplitShares::parse("100/0/0").ok());
  for (const char* text : {"", "80", "80/20", "80/10/11", "0/50/50", "110/-5/-5", "80/10/10/0", "80/10/10 ",
                           "80 /10/10", "80.5/9.5/10", "a/b/c"})
    EXPECT_EQ(SplitShares::parse(text).error().code, ErrorCode::invalid_argument) << text;
}

TEST(SplitShares, AreReadBackFromTheRule) {
  const SplitShares shares{.train = 90, .validation = 5, .test = 5};
  EXPECT_EQ(hash_split_rule(shares), "by content hash, 90/5/5");
  EXPECT_EQ(shares_of_rule(hash_split_rule(shares)), shares);
  EXPECT_EQ(hash_split_rule({}), "by content hash, 80/10/10");
  for (const char* rule : {"official", "by content hash, 90/5", "by hand, 80/10/10"})
    EXPECT_FALSE(shares_of_rule(rule)) << rule;
}

TEST(AssignSplits, FollowTheShares) {
  const auto counts = counts_of(assign_splits(random_groups(20000, 1), 0, {.train = 50, .validation = 35, .test = 15}));
  EXPECT_NEAR(counts[0], 10000, 400);
  EXPECT_NEAR(counts[1], 7000, 350);
  EXPECT_NEAR(counts[2], 3000, 250);
}

TEST(AssignSplits, APartWithoutAShareIsEmptyAndTheOthersAreNot) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto groups = random_groups(2 + seed % 10, seed);
    const auto no_test = counts_of(assign_splits(groups, seed, {.train = 90, .validation = 10, .test = 0}));
    EXPECT_EQ(no_test[2], 0);
    EXPECT_GE(no_test[0], 1);
    EXPECT_GE(no_test[1], 1);
    const auto no_validation = counts_of(assign_splits(groups, seed, {.train = 90, .validation = 0, .test = 10}));
    EXPECT_EQ(no_validation[1], 0);
    EXPECT_GE(no_validation[0], 1);
    EXPECT_GE(no_validation[2], 1);
    const auto all = counts_of(assign_splits(groups, seed, {.train = 100, .validation = 0, .test = 0}));
    EXPECT_EQ(all[0], static_cast<int>(groups.size()));
  }
}

TEST(AssignSplits, TrainingIsKnownWithoutTheOthers) {
  const SplitShares shares{.train = 60, .validation = 20, .test = 20};
  const auto groups = random_groups(500, 7);
  const auto splits = assign_splits(groups, 3, shares);
  for (std::size_t i = 0; i < groups.size(); ++i)
    EXPECT_EQ(falls_into_training(groups[i], 3, shares), splits[i] == Split::kTrain);
  EXPECT_TRUE(falls_into_training(groups[0], 3, {.train = 100, .validation = 0, .test = 0}));
}

}  // namespace
}  // namespace continuo::dataset
