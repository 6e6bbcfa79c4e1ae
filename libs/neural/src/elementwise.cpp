#include "elementwise.h"

#include <bit>

// One binary, several instruction sets; the loader picks. Sums are not fused (-ffp-contract=off), so all agree.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define CONTINUO_CLONES __attribute__((target_clones("arch=skylake-avx512", "avx2", "default"), optimize("O3")))
#else
#define CONTINUO_CLONES
#endif

namespace continuo::neural {
namespace {

// Constants: "lowbias32", found by Chris Wellons' hash prospector (public domain); half of the seed enters between its
// rounds, so that two seeds do not give the same decisions in another order.
[[gnu::always_inline]] inline float factor(const DropRule& rule, std::size_t index) {
  std::uint32_t x = std::uint32_t(index) ^ rule.low_seed;
  x ^= x >> 16;
  x *= 0x7feb352dU;
  x ^= x >> 15;
  x += rule.high_seed;
  x *= 0x846ca68bU;
  x ^= x >> 16;
  return x >= rule.threshold ? rule.scale : 0.0F;
}

[[gnu::always_inline]] inline float widen(Bf16 value) { return std::bit_cast<float>(std::uint32_t(value) << 16); }

// Round to nearest, ties to even. Not for NaN, whose sign and payload may change, but which stays NaN or infinite.
[[gnu::always_inline]] inline Bf16 narrow(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return Bf16((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16);
}

}  // namespace

DropRule drop_rule(double probability, std::uint64_t seed) {
  return {std::uint32_t(seed), std::uint32_t(seed >> 32), std::uint32_t(probability * 4294967296.0),
          float(1.0 / (1.0 - probability))};
}

CONTINUO_CLONES void drop_f32(const DropRule& rule, Range range, const float* y, float* out) {
  const DropRule local = rule;
  for (std::size_t i = range.begin; i < range.end; ++i) out[i] = y[i] * factor(local, i);
}

CONTINUO_CLONES void drop_bf16(const DropRule& rule, Range range, const Bf16* y, Bf16* out) {
  const DropRule local = rule;
  for (std::size_t i = range.begin; i < range.end; ++i) out[i] = narrow(widen(y[i]) * factor(local, i));
}

CONTINUO_CLONES void add_dropped_f32(const DropRule& rule, Range range, const float* x, const float* y, float* out) {
  const DropRule local = rule;
  for (std::size_t i = range.begin; i < range.end; ++i) out[i] = x[i] + y[i] * factor(local, i);
}

CONTINUO_CLONES void add_dropped_bf16(const DropRule& rule, Range range, const float* x, const Bf16* y, float* out) {
  const DropRule local = rule;
  for (std::size_t i = range.begin; i < range.end; ++i) out[i] = x[i] + widen(y[i]) * factor(local, i);
}

CONTINUO_CLONES void drop_to_bf16(const DropRule& rule, Range range, const float* y, Bf16* out) {
  const DropRule local = rule;
  for (std::size_t i = range.begin; i < range.end; ++i) out[i] = narrow(y[i] * factor(local, i));
}

}  // namespace continuo::neural
