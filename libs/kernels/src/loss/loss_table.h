#pragma once

#include "continuo/kernels/isa.h"
#include "continuo/kernels/loss.h"

namespace continuo::kernels {

// One instruction set's losses of the rows [begin, end).
template <typename Number>
struct LossTable {
  void (*cross_entropy)(const CrossEntropy<Number>&, std::size_t begin, std::size_t end);
};
// Null where this build or this CPU lacks the instruction set.
template <typename Number>
const LossTable<Number>* simd_loss_table(Isa isa);
template <typename Number>
const LossTable<Number>& scalar_loss_table();

}  // namespace continuo::kernels
