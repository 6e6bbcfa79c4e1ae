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

template <typename Number>
struct PackedAdamwTable {
  void (*adamw_and_pack)(const PackedAdamw<Number>&, const AdamwFactors&, std::size_t begin,
                         std::size_t end);  // panels
};
template <typename Number>
const PackedAdamwTable<Number>* simd_packed_adamw_table(Isa isa);
template <typename Number>
const PackedAdamwTable<Number>& scalar_packed_adamw_table();

}  // namespace continuo::kernels
