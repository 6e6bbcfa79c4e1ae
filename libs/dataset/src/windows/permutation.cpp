#include "windows/permutation.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "continuo/base/rng.h"

namespace continuo::dataset {

std::uint64_t permute(std::uint64_t index, std::uint64_t count, std::uint64_t seed) {
  constexpr int kRounds = 6;
  const int half = std::max(1, (int(std::bit_width(count - 1)) + 1) / 2);
  const std::uint64_t mask = (std::uint64_t{1} << half) - 1;
  do {
    std::uint64_t left = index >> half, right = index & mask;
    for (int round = 0; round < kRounds; ++round) {
      const std::uint64_t mixed = mix_seed(seed + std::uint64_t(round), right);
      left = std::exchange(right, left ^ (mixed & mask));
    }
    index = (left << half) | right;
  } while (index >= count);
  return index;
}

}  // namespace continuo::dataset
