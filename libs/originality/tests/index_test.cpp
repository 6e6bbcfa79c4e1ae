#include "continuo/originality/index.h"

#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/base/rng.h"

#include "melodies.h"

namespace continuo::originality {
namespace {

using testing::random_piece;

std::string name_of(int piece) { return "piece " + std::to_string(piece); }

IndexBuilder builder_of(int first, int end) {
  IndexBuilder builder;
  for (int i = first; i < end; ++i) EXPECT_TRUE(builder.add(name_of(i), random_piece(std::uint64_t(i))).ok());
  return builder;
}

TEST(Index, HoldsThePiecesThatWereAdded) {
  IndexBuilder builder;
  score::Score piece = random_piece(3, 3, 30);
  piece.tracks[1].is_drum = true;
  ASSERT_TRUE(builder.add("one", piece).ok());
  ASSERT_TRUE(builder
                  .add("nothing but drums",
                       [&] {
                         score::Score drums = piece;
                         drums.tracks = {piece.tracks[1]};
                         return drums;
                       }())
                  .ok());
  const auto index = Index::of_bytes(builder.bytes());
  ASSERT_TRUE(index.ok()) << index.error().to_line();
  EXPECT_EQ(index->pieces(), 2u);
  EXPECT_EQ(index->piece(1), "nothing but drums");
  ASSERT_EQ(index->lines().size(), 2u);
  EXPECT_EQ(index->lines()[1].track, 2u);
  EXPECT_EQ(index->pitches().size(), index->lines()[1].end);
  EXPECT_EQ(index->pitches()[0], piece.tracks[0].notes[0].pitch);
  EXPECT_EQ(index->share(), (Index::Share{0, 2, 2, 0}));
}

TEST(Index, WithoutPieces_IsOne) {
  const auto index = Index::of_bytes(IndexBuilder().bytes());
  ASSERT_TRUE(index.ok()) << index.error().to_line();
  EXPECT_EQ(index->pieces(), 0u);
  EXPECT_TRUE(index->hashes().empty());
}

TEST(Index, ShardsMergeToTheSameBytes_InAnyOrder) {
  const auto whole = builder_of(0, 7).bytes();
  std::vector<Index> shards;
  for (const auto& [first, end] : {std::pair(5, 7), {0, 2}, {2, 5}})
    shards.push_back(
        Index::of_bytes(builder_of(first, end).bytes({std::uint64_t(first), std::uint64_t(end), 7, 0})).value());
  const auto merged = merge(shards);
  ASSERT_TRUE(merged.ok()) << merged.error().to_line();
  EXPECT_EQ(*merged, whole);
}

TEST(Index, ShardsThatAreNotAll_AreRefused) {
  std::vector<Index> shards = {Index::of_bytes(builder_of(0, 2).bytes({0, 2, 4, 9})).value()};
  const auto refused = [&] { return merge(shards).ok() ? ErrorCode::io : merge(shards).error().code; };
  EXPECT_EQ(refused(), ErrorCode::incompatible) << "one missing";
  shards.push_back(shards[0]);
  EXPECT_EQ(refused(), ErrorCode::incompatible) << "one twice";
  shards[1] = Index::of_bytes(builder_of(2, 4).bytes({2, 4, 5, 9})).value();
  EXPECT_EQ(refused(), ErrorCode::incompatible) << "of another index";
  shards[1] = Index::of_bytes(builder_of(2, 4).bytes({2, 4, 4, 8})).value();
  EXPECT_EQ(refused(), ErrorCode::incompatible) << "of other music";
  shards[1] = Index::of_bytes(builder_of(2, 4).bytes({2, 4, 4, 9})).value();
  EXPECT_TRUE(merge(shards).ok());
  EXPECT_FALSE(merge({}).ok());
}

TEST(Index, BrokenFiles_AreRefusedInOneLine) {
  const std::vector<std::uint8_t> good = builder_of(0, 2).bytes();
  for (std::size_t size = 0; size < good.size(); size += 1 + size / 9) {
    const auto index = Index::of_bytes({good.begin(), good.begin() + std::ptrdiff_t(size)});
    ASSERT_FALSE(index.ok()) << size;
    EXPECT_TRUE(index.error().code == ErrorCode::truncated || index.error().code == ErrorCode::wrong_format);
  }
  std::vector<std::uint8_t> longer = good;
  longer.resize(longer.size() + 8);
  EXPECT_EQ(Index::of_bytes(longer).error().code, ErrorCode::malformed);
  Rng rng(4);
  int refused = 0;
  for (int turn = 0; turn < 2000; ++turn) {
    std::vector<std::uint8_t> broken = good;
    broken[rng.below(std::min<std::size_t>(broken.size(), 200))] ^= std::uint8_t(1 << rng.below(8));
    refused += int(!Index::of_bytes(std::move(broken)).ok());
  }
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace continuo::originality
