#pragma once

#include <cstddef>

#include "continuo/kernels/isa.h"

namespace continuo::kernels {

// A loop of multiply-adds on registers. Returns how many operations it has done.
using PeakLoop = double (*)(std::size_t rounds);

struct PeakTable {
  PeakLoop fp32, widened_bf16;
  float (*read)(const float*, std::size_t);
};
// Null where this build or this CPU lacks the instruction set.
const PeakTable* simd_peak_table(Isa isa);

// The loop over an instruction set's own bf16 product; null where it has none, or where this build or this CPU lacks
// it.
PeakLoop bf16_peak_loop(Isa isa);
double avx512_bf16_peak(std::size_t rounds);  // Requires: a CPU with AVX512-BF16
double amx_bf16_peak(std::size_t rounds);     // Requires: a CPU and a system with AMX-BF16

// Whether an instruction set's own bf16 product, measured now on registers, is so much faster than fp32 that its
// rounding is worth it. Takes less than a fifth of a millisecond; bursts are so short that some of them run undisturbed
// on a busy machine. False where there is none.
bool bf16_pays(Isa isa);

}  // namespace continuo::kernels
