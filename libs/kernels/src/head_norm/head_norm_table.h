#pragma once

#include "continuo/kernels/head_norm.h"
#include "continuo/kernels/isa.h"

namespace continuo::kernels {

// One instruction set's normalisation of heads.
template <typename Number>
struct HeadNormTable {
  void (*head_norm)(const HeadNormForward<Number>&) noexcept;
  void (*head_norm_gradient)(const HeadNormBackward<Number>&) noexcept;
};
// Null where this build or this CPU lacks the instruction set.
template <typename Number>
const HeadNormTable<Number>* simd_head_norm_table(Isa isa);
template <typename Number>
const HeadNormTable<Number>& scalar_head_norm_table();

}  // namespace continuo::kernels
