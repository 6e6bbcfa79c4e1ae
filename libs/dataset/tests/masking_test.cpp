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

TEST(Masking, ShareAndTargetsFit) {
  constexpr std::size_t kLength = 400;
  std::size_t validation = 0, most = 0;
  for (std::uint64_t number = 0; number < 200; ++number) {
    for (const MaskRule rule : {MaskRule::kValidation, MaskRule::kTraining}) {
      const Window original = window_of(kLength);
      Window window = original;
      mask_window(rule, 5, number, window.inputs, window.targets);
      for (std::size_t i = 0; i < kLength; ++i) {
        const bool is_masked = window.inputs[i] == tokens::kMask;
        ASSERT_EQ(window.targets[i], is_masked ? original.inputs[i] : kIgnore);
        ASSERT_TRUE(is_masked || window.inputs[i] == original.inputs[i]);
      }
      ASSERT_EQ(window.inputs[0], tokens::kBos);
      ASSERT_GT(masked(window), 0U);
      if (rule == MaskRule::kValidation) validation += masked(window);
      most = std::max(most, masked(window));
    }
  }
  EXPECT_NEAR(static_cast<double>(validation) / (200 * 399), 0.15, 0.001);
  EXPECT_GT(most, kLength * 9 / 10) << "composing starts from almost nothing";
}

TEST(Masking, SpansAreThreeTokensLongOnAverage) {
  std::size_t tokens = 0, spans = 0;
  for (std::uint64_t number = 0; number < 200; ++number) {
    Window window = window_of(400);
    mask_window(MaskRule::kValidation, 5, number, window.inputs, window.targets);
    tokens += masked(window);
    for (std::size_t i = 1; i < window.inputs.size(); ++i) {
      spans += window.inputs[i] == tokens::kMask && window.inputs[i - 1] != tokens::kMask;
    }
  }
  // Spans that meet are counted as one, which makes them a little longer.
  EXPECT_NEAR(static_cast<double>(tokens) / static_cast<double>(spans), 3.3, 0.3);
}

TEST(Masking, DependsOnSeedAndWindowAlone) {
  const auto mask = [](std::uint64_t seed, std::uint64_t number) {
    Window window = window_of(100);
    mask_window(MaskRule::kValidation, seed, number, window.inputs, window.targets);
    return window.targets;
  };
  EXPECT_EQ(mask(1, 2), mask(1, 2));
  EXPECT_NE(mask(1, 2), mask(1, 3));
  EXPECT_NE(mask(1, 2), mask(2, 2));
}

TEST(Masking, AWindowOfNothingButBosIsLeftAlone) {
  Window window = window_of(1);
  mask_window(MaskRule::kTraining, 1, 0, window.inputs, window.targets);
  EXPECT_EQ(window.inputs[0], tokens::kBos);
  EXPECT_EQ(window.targets[0], kIgnore);
}

}  // namespace
}  // namespace continuo::dataset
