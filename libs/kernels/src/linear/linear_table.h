#pragma once

#include "continuo/kernels/isa.h"
#include "continuo/kernels/linear.h"

namespace continuo::kernels {

// One instruction set's linear layers.
template <typename Number>
struct LinearTable {
  void (*pack)(WeightSide, std::size_t, std::size_t, const float*, Number*, Part);
  void (*linear)(const LinearProduct<Number>&, Part);
  void (*weight_gradient)(const WeightGradient<Number>&, Part);
};

// Null where this build or this CPU lacks the instruction set.
template <typename Number>
const LinearTable<Number>* simd_linear_table(Isa isa);
template <typename Number>
const LinearTable<Number>& scalar_linear_table();

}  // namespace continuo::kernels
