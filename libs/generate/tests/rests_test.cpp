#include "../src/cells/rests.h"

#include <gtest/gtest.h>

namespace continuo::generate {
namespace {

using Repeated = std::vector<std::optional<std::size_t>>;

TEST(Rests, WithoutALimit_AnyNumber) {
  Rests rests(1, 4, {}, 0, std::nullopt);
  for (std::size_t bar = 0; bar < 4; ++bar) {
    EXPECT_FALSE(rests.must_play(0, bar));
    rests.add(0, bar, false);
  }
}

TEST(Rests, EndAfterSoManyBars) {
  Rests rests(2, 6, {}, 0, 2);
  rests.add(0, 0, false);
  EXPECT_FALSE(rests.must_play(0, 1));
  rests.add(0, 1, false);
  EXPECT_TRUE(rests.must_play(0, 2));
  EXPECT_FALSE(rests.must_play(1, 2));  // the other track
  EXPECT_FALSE(rests.has_played(0));
  rests.add(0, 2, true);
  EXPECT_TRUE(rests.has_played(0));
  EXPECT_FALSE(rests.must_play(0, 3));
}

TEST(Rests, None_EachBarPlays) {
  const Rests rests(1, 2, {}, 0, 0);
  EXPECT_TRUE(rests.must_play(0, 0));
}

TEST(Rests, BarsBeforeTheFirst_DoNotCount) {
  Rests rests(1, 4, {}, 2, 1);
  rests.add(0, 0, false);
  EXPECT_FALSE(rests.must_play(0, 1));
  rests.add(0, 1, false);
  EXPECT_FALSE(rests.must_play(0, 2));
  rests.add(0, 2, false);
  EXPECT_TRUE(rests.must_play(0, 3));
}

// A A: bars 2 and 3 repeat 0 and 1. The silence at the end of the section meets that at its beginning.
TEST(Rests, ASectionThatComesAgain_AtItsSeam) {
  const Repeated repeated = {{}, {}, {{0}}, {{1}}};
  Rests rests(1, 4, repeated, 0, 1);
  rests.add(0, 0, false);
  EXPECT_TRUE(rests.must_play(0, 1));
  Rests playing(1, 4, repeated, 0, 1);
  playing.add(0, 0, true);
  EXPECT_FALSE(playing.must_play(0, 1));
}

// A B C A A: what follows the second A is known when the end of A is written; the third A after it, too.
TEST(Rests, ASectionThatComesLater_AtEachOfItsPlaces) {
  const Repeated repeated = {{}, {}, {}, {}, {}, {}, {{0}}, {{1}}, {{0}}, {{1}}};
  Rests rests(1, 10, repeated, 0, 2);
  rests.add(0, 0, false);
  EXPECT_TRUE(rests.must_play(0, 1));  // 6 to 9 would be four bars in a row
  rests.add(0, 1, true);
  rests.add(0, 2, true);
  rests.add(0, 3, true);
  rests.add(0, 4, false);
  EXPECT_TRUE(rests.must_play(0, 5));  // 4 and 5 before A, which begins with silence
}

// A A of a single bar each: three of it are three bars in a row.
TEST(Rests, ABarThatRepeatsItself) {
  const Rests rests(1, 3, {{}, {{0}}, {{0}}}, 0, 2);
  EXPECT_TRUE(rests.must_play(0, 0));
}

}  // namespace
}  // namespace continuo::generate
