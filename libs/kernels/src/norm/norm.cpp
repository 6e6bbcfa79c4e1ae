#include "continuo/kernels/norm.h"

#include <algorithm>

#include "continuo/kernels/number_types.h"

#include "isa/dispatch.h"
#include "norm/norm_table.h"

namespace continuo::kernels {
namespace {

template <typename Number>
const NormTable<Number>& kernels_in_use() {
  static const Dispatch<NormTable<Number>> tables(scalar_norm_table<Number>(), simd_norm_table<Number>);
  return tables.active();
}

}  // namespace

void layer_norm(const NormWeights& weights, const float* input, float* output, std::size_t width) noexcept {
  static const Dispatch<LayerNormTable> tables(scalar_layer_norm_table(), simd_layer_norm_table);
  tables.active().layer_norm(weights, input, output, width);
}

template <typename Number>
void norm(const NormForward<Number>& call, Part part) {
  kernels_in_use<Number>().norm(call, part.begin(call.shape.rows), part.end(call.shape.rows));
}

template <typename Number>
void norm_gradient(const NormBackward<Number>& call, Part part) {
  const NormTable<Number>& kernels = kernels_in_use<Number>();
  const std::size_t groups = norm_groups(call.shape);
  for (std::size_t group = part.begin(groups); group < part.end(groups); ++group) {
    const std::size_t begin = group * kNormGroupRows, end = std::min(call.shape.rows, begin + kNormGroupRows);
    kernels.norm_gradient(call, begin, end, call.sums + group * 2 * call.shape.width);
  }
}

void add_norm_sums(const NormShape& shape, const float* sums, float* scale_gradient, float* shift_gradient) {
  std::fill_n(scale_gradient, shape.width, 0.0F);
  if (shift_gradient != nullptr) std::fill_n(shift_gradient, shape.width, 0.0F);
  for (std::size_t group = 0; group < norm_groups(shape); ++group, sums += 2 * shape.width) {
    for (std::size_t i = 0; i < shape.width; ++i) scale_gradient[i] += sums[i];
    for (std::size_t i = 0; shift_gradient != nullptr && i < shape.width; ++i) {
      shift_gradient[i] += sums[shape.width + i];
    }
  }
}

template void norm(const NormForward<float>&, Part);
template void norm(const NormForward<Bf16>&, Part);
template void norm_gradient(const NormBackward<float>&, Part);
template void norm_gradient(const NormBackward<Bf16>&, Part);

}  // namespace continuo::kernels
