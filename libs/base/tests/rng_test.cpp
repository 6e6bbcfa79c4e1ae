#include "continuo/base/rng.h"

#include <cmath>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/base/hash.h"

namespace continuo {
namespace {

TEST(Rng, MatchesTheReferenceImplementation) {
  // xoshiro256++ from state {1, 2, 3, 4}, first five outputs of the authors' C code.
  Rng rng(Rng::State{1, 2, 3, 4});
  const std::vector<std::uint64_t> expected{41943041ULL, 58720359ULL, 3588806011781223ULL, 3591011842654386ULL,
                                            9228616714210784205ULL};
  for (const auto value : expected) EXPECT_EQ(rng.next_u64(), value);
}

TEST(Rng, BelowIsUniformWithinFourSigma) {
  Rng rng(7);
  std::vector<int> counts(10);
  for (int i = 0; i < 100000; ++i) ++counts[rng.below(10)];
  for (const int count : counts) EXPECT_NEAR(count, 10000, 4 * 95);
}

TEST(Rng, ForksDiffer) {
  const Rng rng(1);
  std::set<std::uint64_t> firsts;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    firsts.insert(rng.fork(i).next_u64());
    firsts.insert(mix_seed(1, i));
  }
  EXPECT_EQ(firsts.size(), 2000u);
}

TEST(Hash, Fnv1aMatchesPublishedVectors) {
  EXPECT_EQ(fnv1a(std::string_view("")), 0xcbf29ce484222325ULL);
  EXPECT_EQ(fnv1a(std::string_view("a")), 0xaf63dc4c8601ec8cULL);
  EXPECT_EQ(fnv1a(std::string_view("foobar")), 0x85944171f73967e8ULL);
  EXPECT_EQ(to_hex(0xaf63dc4c8601ec8cULL), "af63dc4c8601ec8c");
}

// The authors' splitmix64 from 0: published as the test vector of its C code.
TEST(Rng, SeedsAreSpreadBySplitmix64) {
  EXPECT_EQ(Rng(0).state(),
            (Rng::State{0xe220a8397b1dcdafULL, 0x6e789e6aa1b965f4ULL, 0x06c45d188009454fULL, 0xf88bb8a8724c81ecULL}));
}

TEST(Rng, UniformIsTheUpper53BitsOfTheStream) {
  Rng numbers(3), bits(3);
  for (int i = 0; i < 1000; ++i) {
    const double number = numbers.uniform();
    EXPECT_EQ(number, std::ldexp(double(bits.next_u64() >> 11), -53));
    EXPECT_TRUE(number >= 0 && number < 1);
  }
}

// Values under 2^64 mod bound are drawn again; the rest is cut into equal parts.
TEST(Rng, BelowDrawsAgainWhatWouldFavourLowResults) {
  for (const std::uint64_t bound : {std::uint64_t{1}, std::uint64_t{3}, std::uint64_t{1} << 40,
                                    (std::uint64_t{1} << 63) + 1, ~std::uint64_t{0}, std::uint64_t{3} << 62}) {
    Rng results(17), stream(17);
    const std::uint64_t rest = (~std::uint64_t{0} % bound + 1) % bound;
    for (int i = 0; i < 500; ++i) {
      std::uint64_t value = stream.next_u64();
      while (value < rest) value = stream.next_u64();
      ASSERT_EQ(results.below(bound), value % bound) << bound;
    }
    EXPECT_EQ(results.state(), stream.state()) << bound;
  }
}

// Data sets are split and seeds derived with these: they are the same for ever.
TEST(Rng, ForksAndMixedSeedsStayWhatTheyAre) {
  EXPECT_EQ(mix_seed(0, 0), 0xaf26426117f7f682ULL);
  EXPECT_EQ(mix_seed(1, 2), 0x30873d698fa1fc7eULL);
  EXPECT_EQ(Rng(5).fork(7).next_u64(), 0x2eeafd0ff4332588ULL);
  const Rng parent(5);
  static_cast<void>(parent.fork(1));
  EXPECT_EQ(parent.state(), Rng(5).state());
}

}  // namespace
}  // namespace continuo
