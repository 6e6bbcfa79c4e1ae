#pragma once

#include "continuo/kernels/isa.h"
#include "continuo/kernels/training/elementwise.h"
#include "continuo/kernels/training/rotary.h"

namespace continuo::kernels {

// One instruction set's work on numbers and rows: [begin, end) of them.
template <typename Number>
struct ElementwiseTable {
  void (*activate)(Activation, const Number*, Number*, std::size_t begin, std::size_t end);
  void (*drop_to_float)(const DropRule&, const Number*, float*, std::size_t begin, std::size_t end);
  void (*drop_from_float)(const DropRule&, const float*, Number*, std::size_t begin, std::size_t end);
  void (*drop_same)(const DropRule&, const Number*, Number*, std::size_t begin, std::size_t end);
  void (*norm)(const NormForward<Number>&, std::size_t begin, std::size_t end);
  // `sums` [2, width]: the gradients of scale and shift over these rows.
  void (*norm_gradient)(const NormBackward<Number>&, std::size_t begin, std::size_t end, float* sums);
  void (*cross_entropy)(const CrossEntropy<Number>&, std::size_t begin, std::size_t end);
  void (*gated)(const GatedForward<Number>&, std::size_t begin, std::size_t end);
  void (*gated_gradient)(const GatedBackward<Number>&, std::size_t begin, std::size_t end);
  void (*rotate)(const Rotation<Number>&, std::size_t begin, std::size_t end);
  // Of panels of outputs.
  void (*adamw_and_pack)(const PackedAdamw<Number>&, const AdamwFactors&, std::size_t begin, std::size_t end);
};

struct OptimizerTable {
  void (*adamw)(const AdamwState&, const AdamwFactors&, std::size_t begin, std::size_t end);
  double (*sum_of_squares)(const float*, std::size_t count);
};

// Null where this build or this CPU lacks the instruction set.
template <typename Number>
const ElementwiseTable<Number>* simd_elementwise_table(Isa isa);
template <typename Number>
const ElementwiseTable<Number>& scalar_elementwise_table();

// That of the instruction set in use.
template <typename Number>
const ElementwiseTable<Number>& elementwise_table() {
  const ElementwiseTable<Number>* simd = simd_elementwise_table<Number>(active_isa());
  return simd != nullptr ? *simd : scalar_elementwise_table<Number>();
}

const OptimizerTable* simd_optimizer_table(Isa isa);
const OptimizerTable& scalar_optimizer_table();

}  // namespace continuo::kernels
