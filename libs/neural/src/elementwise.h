#pragma once

#include <cstddef>
#include <cstdint>

// Loops over plain memory, without libtorch, so that the compiler may vectorise them for the CPU at hand.
namespace continuo::neural {

// A bfloat16 as stored: the upper half of a float.
using Bf16 = std::uint16_t;

// Units `begin`..`end` of a tensor; the rest of the arguments cover the whole tensor.
struct Range {
  std::size_t begin, end;
};

// The dropout decision for every unit: keep where hash(index, seed) >= threshold, times scale.
struct DropRule {
  std::uint32_t low_seed, high_seed, threshold;
  float scale;
};
// Range: probability [0, 1).
DropRule drop_rule(double probability, std::uint64_t seed);

// out = rule(y)
void drop_f32(const DropRule& rule, Range range, const float* y, float* out);
void drop_bf16(const DropRule& rule, Range range, const Bf16* y, Bf16* out);
// out = x + rule(y)
void add_dropped_f32(const DropRule& rule, Range range, const float* x, const float* y, float* out);
void add_dropped_bf16(const DropRule& rule, Range range, const float* x, const Bf16* y, float* out);
// out = rule(y), narrowed
void drop_to_bf16(const DropRule& rule, Range range, const float* y, Bf16* out);

}  // namespace continuo::neural
