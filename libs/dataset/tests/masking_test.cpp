#include "continuo/dataset/masking.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/dataset/windows.h"
#include "continuo/tokens/vocabulary.h"

namespace continuo::dataset {
namespace {

struct Window {
  std::vector<std::int64_t> inputs, targets;
};

// BOS and then 10, 11, ...
Window window_of(std::size_t length) {
  Window window{std::vector<std::int64_t>(length), std::vector<std::int64_t>(length)};
  std::iota(window.inputs.begin(), window.inputs.end(), 9);
  window.inputs[0] = tokens::kBos;
  return window;
}

std::size_t masked(const Window& window) {
  return static_cast<std::size_t>(std::count(window.inputs.begin(), window.inputs.end(), std::int64_t{tokens::kMask}));
}

MaskCount mask(MaskRule rule, std::uint64_t seed, std::uint64_t number, Window& window,
               std::span<const MusicalPlace> places = {}) {
  return mask_window(rule, seed, number, places, window.inputs, window.targets);
}

TEST(Masking, TargetsAreWhatWasMasked) {
  constexpr std::size_t kLength = 400;
  for (std::uint64_t number = 0; number < 200; ++number) {
    for (const MaskRule rule : {MaskRule::kOrderless, MaskRule::kTraining}) {
      const Window original = window_of(kLength);
      Window window = original;
      const MaskCount count = mask(rule, 5, number, window);
      for (std::size_t i = 0; i < kLength; ++i) {
        const bool is_masked = window.inputs[i] == tokens::kMask;
        ASSERT_EQ(window.targets[i], is_masked ? original.inputs[i] : kIgnore);
        ASSERT_TRUE(is_masked || window.inputs[i] == original.inputs[i]);
      }
      ASSERT_EQ(window.inputs[0], tokens::kBos);
      ASSERT_GT(masked(window), 0U);
      ASSERT_EQ(count.masked, masked(window));
      ASSERT_EQ(count.maskable, kLength - 1);
      ASSERT_DOUBLE_EQ(count.weight() * double(count.masked), double(kLength - 1));
    }
  }
  EXPECT_EQ(MaskCount{}.weight(), 0);
}

// How many of `windows` windows have between tenth / 10 and (tenth + 1) / 10 of their tokens masked.
std::vector<int> windows_by_share(MaskRule rule, std::uint64_t windows) {
  std::vector<int> counts(10);
  for (std::uint64_t number = 0; number < windows; ++number) {
    Window window = window_of(401);
    mask(rule, 3, number, window);
    ++counts[(masked(window) - 1) / 40];
  }
  return counts;
}

TEST(Masking, EveryShareIsEquallyLikely) {
  for (const int count : windows_by_share(MaskRule::kTraining, 2000)) EXPECT_NEAR(count, 200, 45);
  for (const int count : windows_by_share(MaskRule::kOrderless, 50)) EXPECT_NEAR(count, 5, 1) << "few are even too";
}

TEST(Masking, OfOrderlessWindows_EveryTokenIsMaskedAsOften) {
  std::vector<int> counts(41);
  for (std::uint64_t number = 0; number < 2000; ++number) {
    Window window = window_of(41);
    mask(MaskRule::kOrderless, 3, number, window);
    for (std::size_t i = 0; i < window.inputs.size(); ++i) counts[i] += window.inputs[i] == tokens::kMask;
  }
  EXPECT_EQ(counts[0], 0);
  for (std::size_t i = 1; i < counts.size(); ++i) EXPECT_NEAR(counts[i], 1025, 90) << i;
}

// Runs of neighbours that are masked.
std::size_t runs(const Window& window) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < window.inputs.size(); ++i)
    count += window.inputs[i] == tokens::kMask && window.inputs[i - 1] != tokens::kMask;
  return count;
}

TEST(Masking, InTraining_OneWindowOfFourIsMaskedInOneStretchAndOneInSpans) {
  int stretches = 0, spans = 0, considered = 0;
  for (std::uint64_t number = 0; number < 2000; ++number) {
    Window window = window_of(400);
    const double count = double(mask(MaskRule::kTraining, 5, number, window).masked);
    if (count < 40 || count > 160) continue;  // where the three differ clearly
    ++considered;
    // Single tokens meet their like by chance: runs of 1 / (1 - share) on average. Spans are three times as long.
    const double length = count / double(runs(window)), of_singles = 1 / (1 - count / 399);
    stretches += runs(window) == 1;
    spans += runs(window) > 1 && length > 1.7 * of_singles;
  }
  EXPECT_NEAR(double(stretches) / considered, 0.25, 0.06);
  EXPECT_NEAR(double(spans) / considered, 0.25, 0.06);
}

TEST(Masking, InTraining_VoicesAreMaskedWhole) {
  std::vector<MusicalPlace> places(401);
  for (std::size_t i = 0; i < places.size(); ++i) places[i].slot = std::uint16_t(i % 4);  // of the token after it
  int some_voices = 0, considered = 0;
  for (std::uint64_t number = 0; number < 2000; ++number) {
    Window window = window_of(401);
    mask(MaskRule::kTraining, 7, number, window, places);
    std::size_t first = 401, last = 0;
    std::vector<int> of_voice(4);
    for (std::size_t i = 1; i < 401; ++i) {
      if (window.inputs[i] != tokens::kMask) continue;
      first = std::min(first, i), last = i;
      ++of_voice[(i - 1) % 4];
    }
    if (last < first + 40) continue;
    ++considered;
    const int whole = int(last - first) / 4;
    some_voices += std::count(of_voice.begin(), of_voice.end(), 0) > 0 &&
                   std::all_of(of_voice.begin(), of_voice.end(), [&](int n) { return n == 0 || n >= whole; });
  }
  EXPECT_NEAR(double(some_voices) / considered, 0.25, 0.04);
}

TEST(Masking, DependsOnSeedAndWindowAlone) {
  for (const MaskRule rule : {MaskRule::kOrderless, MaskRule::kTraining}) {
    const auto targets = [&](std::uint64_t seed, std::uint64_t number) {
      Window window = window_of(100);
      mask(rule, seed, number, window);
      return window.targets;
    };
    EXPECT_EQ(targets(1, 2), targets(1, 2));
    EXPECT_NE(targets(1, 2), targets(1, 3));
    EXPECT_NE(targets(1, 2), targets(2, 2));
  }
}

TEST(Masking, AWindowOfNothingButBosIsLeftAlone) {
  Window window = window_of(1);
  EXPECT_EQ(mask(MaskRule::kTraining, 1, 0, window).masked, 0U);
  EXPECT_EQ(window.inputs[0], tokens::kBos);
  EXPECT_EQ(window.targets[0], kIgnore);
}

}  // namespace
}  // namespace continuo::dataset
