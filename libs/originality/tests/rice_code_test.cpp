#include "../src/rice_code.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "continuo/base/rng.h"

namespace continuo::originality {
namespace {

std::vector<std::uint64_t> rising(std::size_t count, int bits) {
  Rng rng(count);
  std::vector<std::uint64_t> numbers;
  for (std::size_t i = 0; i < count; ++i) numbers.push_back(rng.below(std::uint64_t{1} << bits));
  std::ranges::sort(numbers);
  numbers.erase(std::ranges::unique(numbers).begin(), numbers.end());
  return numbers;
}

TEST(RiceCode, GivesBackWhatItWasGiven) {
  for (const std::size_t count : {0, 1, 2, 100, 5000}) {
    const auto numbers = rising(count, 36);
    const int low_bits = rice_bits(count, 36);
    EXPECT_EQ(rice_decode(rice_encode(numbers, low_bits), count, low_bits, 36), numbers) << count;
  }
}

TEST(RiceCode, TakesLittleMoreThanTheSurprise) {
  const auto numbers = rising(1 << 14, 36);  // 36 - 14 bits each, and less than two more
  EXPECT_LT(rice_encode(numbers, rice_bits(numbers.size(), 36)).size() * 8, numbers.size() * (36 - 14 + 2));
}

TEST(RiceCode, RefusesBytesThatAreNotOfIt) {
  const auto numbers = rising(100, 36);
  const int low_bits = rice_bits(100, 36);
  auto bytes = rice_encode(numbers, low_bits);
  EXPECT_FALSE(rice_decode(std::span(bytes).first(bytes.size() - 2), 100, low_bits, 36));
  EXPECT_FALSE(rice_decode(std::vector<std::uint8_t>(100, 0), 800, 0, 36));  // the same number 800 times
  EXPECT_FALSE(rice_decode(bytes, 50, low_bits, 36));
  EXPECT_FALSE(rice_decode(bytes, 100000, low_bits, 36));
  EXPECT_FALSE(rice_decode(std::vector<std::uint8_t>(100, 0xFF), 10, low_bits, 36));
  EXPECT_FALSE(rice_decode(std::vector<std::uint8_t>{}, 1, low_bits, 36));
}

}  // namespace
}  // namespace continuo::originality
