#pragma once

#include "continuo/kernels/isa.h"
#include "continuo/kernels/norm.h"

namespace continuo::kernels {

// One instruction set's normalisation of the rows [begin, end).
template <typename Number>
struct NormTable {
  void (*norm)(const NormForward<Number>&, std::size_t begin, std::size_t end);
  // `sums` [2, width]: the gradients of scale and shift over these rows.
  void (*norm_gradient)(const NormBackward<Number>&, std::size_t begin, std::size_t end, float* sums);
};
// Null where this build or this CPU lacks the instruction set.
template <typename Number>
const NormTable<Number>* simd_norm_table(Isa isa);
template <typename Number>
const NormTable<Number>& scalar_norm_table();

struct LayerNormTable {
  void (*layer_norm)(const NormWeights&, const float*, float*, std::size_t) noexcept;
};
const LayerNormTable* simd_layer_norm_table(Isa isa);
const LayerNormTable& scalar_layer_norm_table();

}  // namespace continuo::kernels
