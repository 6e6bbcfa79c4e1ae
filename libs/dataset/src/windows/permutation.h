#pragma once

#include <cstdint>

namespace continuo::dataset {

// The image of `index` under a permutation of [0, count) that `seed` names: a Feistel network over the next
// even number of bits, walked until it lands inside. Source: Black and Rogaway, "Ciphers with arbitrary finite
// domains", CT-RSA 2002. It needs no table, so any step can be asked for at once. Requires: index < count.
std::uint64_t permute(std::uint64_t index, std::uint64_t count, std::uint64_t seed);

}  // namespace continuo::dataset
