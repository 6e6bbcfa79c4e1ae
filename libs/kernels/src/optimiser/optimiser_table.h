#pragma once

#include "continuo/kernels/isa.h"
#include "continuo/kernels/optimiser.h"

namespace continuo::kernels {

// One instruction set's AdamW.
struct OptimiserTable {
  void (*adamw)(const AdamwState&, const AdamwFactors&, std::size_t begin, std::size_t end);  // numbers
  double (*sum_of_squares)(const float*, std::size_t count);
};
// Null where this build or this CPU lacks the instruction set.
const OptimiserTable* simd_optimiser_table(Isa isa);
const OptimiserTable& scalar_optimiser_table();

}  // namespace continuo::kernels
