#include "continuo/base/rng.h"

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

}  // namespace
}  // namespace continuo
