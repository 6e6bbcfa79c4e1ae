#pragma once

#include "continuo/kernels/elementwise.h"
#include "continuo/kernels/isa.h"

namespace continuo::kernels {

// One instruction set's work on numbers and rows: [begin, end) of them.
template <typename Number>
struct ElementwiseTable {
  void (*activate)(Activation, const Number*, Number*, std::size_t begin, std::size_t end);
  void (*drop_to_float)(const DropRule&, const Number*, float*, std::size_t begin, std::size_t end);
  void (*drop_from_float)(const DropRule&, const float*, Number*, std::size_t begin, std::size_t end);
  void (*drop_same)(const DropRule&, const Number*, Number*, std::size_t begin, std::size_t end);
  void (*gated)(const GatedForward<Number>&, std::size_t begin, std::size_t end);
  void (*gated_gradient)(const GatedBackward<Number>&, std::size_t begin, std::size_t end);
};
// Null where this build or this CPU lacks the instruction set.
template <typename Number>
const ElementwiseTable<Number>* simd_elementwise_table(Isa isa);
template <typename Number>
const ElementwiseTable<Number>& scalar_elementwise_table();

struct FunctionTable {
  void (*apply)(Function, float*, std::size_t) noexcept;
  void (*softmax)(float*, std::size_t, float scale) noexcept;
};
const FunctionTable* simd_function_table(Isa isa);
const FunctionTable& scalar_function_table();

}  // namespace continuo::kernels
