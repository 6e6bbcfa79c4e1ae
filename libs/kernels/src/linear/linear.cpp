#include "continuo/kernels/linear.h"

#include "continuo/kernels/number_types.h"

#include "isa/dispatch.h"
#include "linear/linear_table.h"
#include "matmul/block_product.h"

namespace continuo::kernels {
namespace {

template <typename Number>
const LinearTable<Number>& kernels_in_use() {
  static const Dispatch<LinearTable<Number>> tables(scalar_linear_table<Number>(), simd_linear_table<Number>);
  return tables.active();
}

}  // namespace

template <typename Number>
std::size_t packed_size(std::size_t outputs, std::size_t depth) {
  return panels_for(outputs) * kPanelRows * round_up(depth, kGroup<Number>);
}

template <typename Number>
void pack_weights(WeightSide side, std::size_t outputs, std::size_t inputs, const float* weights, Number* packed,
                  Part part) {
  kernels_in_use<Number>().pack(side, outputs, inputs, weights, packed, part);
}

template <typename Number>
void linear(const LinearProduct<Number>& call, Part part) {
  kernels_in_use<Number>().linear(call, part);
}

template <typename Number>
void weight_gradient(const WeightGradient<Number>& call, Part part) {
  kernels_in_use<Number>().weight_gradient(call, part);
}

template std::size_t packed_size<float>(std::size_t, std::size_t);
template std::size_t packed_size<Bf16>(std::size_t, std::size_t);
template void pack_weights(WeightSide, std::size_t, std::size_t, const float*, float*, Part);
template void pack_weights(WeightSide, std::size_t, std::size_t, const float*, Bf16*, Part);
template void linear(const LinearProduct<float>&, Part);
template void linear(const LinearProduct<Bf16>&, Part);
template void weight_gradient(const WeightGradient<float>&, Part);
template void weight_gradient(const WeightGradient<Bf16>&, Part);

}  // namespace continuo::kernels
