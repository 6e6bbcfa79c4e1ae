#include "continuo/kernels/training/linear.h"

#include "block_product.h"
#include "linear_table.h"

namespace continuo::kernels {
namespace {

template <typename Number>
const LinearTable<Number>& table() {
  const LinearTable<Number>* simd = simd_linear_table<Number>(active_isa());
  return simd != nullptr ? *simd : scalar_linear_table<Number>();
}

}  // namespace

template <typename Number>
std::size_t packed_size(std::size_t outputs, std::size_t depth) {
  return panels_for(outputs) * kPanelRows * round_up(depth, kGroup<Number>);
}

template <typename Number>
void pack_weights(WeightSide side, std::size_t outputs, std::size_t inputs, const float* weights, Number* packed,
                  Part part) {
  table<Number>().pack(side, outputs, inputs, weights, packed, part);
}

template <typename Number>
void linear(const LinearProduct<Number>& call, Part part) {
  table<Number>().linear(call, part);
}

template <typename Number>
void weight_gradient(const WeightGradient<Number>& call, Part part) {
  table<Number>().weight_gradient(call, part);
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
