#include "../src/windows.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/base/rng.h"

namespace continuo::originality {
namespace {

std::vector<std::uint8_t> random_pitches(Rng& rng, std::size_t count) {
  std::vector<std::uint8_t> pitches;
  for (std::size_t i = 0; i < count; ++i) pitches.push_back(std::uint8_t(40 + rng.below(40)));
  return pitches;
}

TEST(Windows, TwoLinesThatShareAPassage_KeepTheSameWindowsOfIt) {
  Rng rng(1);
  for (int turn = 0; turn < 300; ++turn) {
    const std::vector<std::uint8_t> passage = random_pitches(rng, kIndexed.surely_found());
    std::vector<std::vector<std::uint64_t>> kept;
    for (const int transposition : {0, 5}) {
      std::vector<std::uint8_t> line = random_pitches(rng, rng.below(20));
      const std::size_t begin = line.size();
      for (const std::uint8_t pitch : passage) line.push_back(std::uint8_t(pitch + transposition));
      const std::vector<std::uint8_t> rest = random_pitches(rng, rng.below(20));
      line.insert(line.end(), rest.begin(), rest.end());
      kept.emplace_back();
      for (const Window& window : kept_windows(line))
        if (window.begin >= begin && window.begin + kIndexed.notes <= begin + kIndexed.surely_found())
          kept.back().push_back(window.hash);
    }
    std::size_t common = 0;
    for (const std::uint64_t hash : kept[0]) common += std::size_t(std::ranges::count(kept[1], hash) > 0);
    EXPECT_GE(common, 1u);
  }
}

TEST(Windows, ScalesTrillsAndRepeatedNotes_AreNotKept) {
  std::vector<std::uint8_t> scale, trill, repeated(40, 60);
  for (int i = 0; i < 40; ++i) {
    scale.push_back(std::uint8_t(40 + i * 12 / 7));
    trill.push_back(std::uint8_t(60 + i % 2 * 2));
  }
  EXPECT_TRUE(kept_windows(scale).empty());
  EXPECT_TRUE(kept_windows(trill).empty());
  EXPECT_TRUE(kept_windows(repeated).empty());
}

TEST(Windows, ShortLinesKeepOneOrNone) {
  const std::vector<std::uint8_t> tune = {60, 62, 65, 64, 60, 67, 59, 60, 62};
  EXPECT_TRUE(kept_windows(std::span(tune).first(7)).empty());
  EXPECT_EQ(kept_windows(std::span(tune).first(8)).size(), 1u);
  EXPECT_EQ(kept_windows(tune).size(), 1u);
  EXPECT_TRUE(kept_windows({}).empty());
}

TEST(Windows, AboutOneOfThreeIsKept) {
  Rng rng(2);
  const std::size_t kept = kept_windows(random_pitches(rng, 10000)).size();
  EXPECT_GT(kept, 3100u);
  EXPECT_LT(kept, 3500u);
}

}  // namespace
}  // namespace continuo::originality
