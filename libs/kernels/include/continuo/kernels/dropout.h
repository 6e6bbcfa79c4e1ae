#pragma once

#include <cstdint>

namespace continuo::kernels {

// Which units a dropout keeps: a hash of (index, seed) decides, so nothing is stored, any thread finds the same, and
// the backward pass finds it again. Kept units are multiplied by `scale`.
struct DropRule {
  std::uint32_t low_seed = 0, high_seed = 0;
  std::uint32_t threshold = 0;  // units whose hash is below it are dropped; 0: none
  float scale = 1;
  std::uint32_t first = 0;  // the index that is hashed for unit 0, where the units are some of those of a whole

  explicit operator bool() const { return threshold != 0; }
};

// Range: probability [0, 1).
inline DropRule drop_rule(double probability, std::uint64_t seed) {
  return {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
          static_cast<std::uint32_t>(probability * 4294967296.0), static_cast<float>(1.0 / (1.0 - probability))};
}

// 0 or `scale`. Constants: "lowbias32", found by Chris Wellons' hash prospector (public domain); half of the seed
// enters between its rounds, so that two seeds do not give the same decisions in another order.
inline float drop_factor(const DropRule& rule, std::uint32_t index) {
  std::uint32_t x = (rule.first + index) ^ rule.low_seed;
  x ^= x >> 16;
  x *= 0x7feb352dU;
  x ^= x >> 15;
  x += rule.high_seed;
  x *= 0x846ca68bU;
  x ^= x >> 16;
  return x >= rule.threshold ? rule.scale : 0.0F;
}

}  // namespace continuo::kernels
