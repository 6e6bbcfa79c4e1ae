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
const PeakTable* simd_peak_table(Isa isa);

}  // namespace continuo::kernels
