#include "continuo/kernels/training/elementwise.h"

#include <algorithm>
#include <type_traits>

#include "block_product.h"
#include "elementwise_table.h"

namespace continuo::kernels {
namespace {

constexpr std::size_t kRowGroup = 128;        // rows whose gradients of scale and shift are summed apart
constexpr std::size_t kSquares = 1 << 15;     // numbers of a chunk of sum_of_squares
constexpr std::size_t kRangeMultiple = 4096;  // numbers that are never split

const OptimizerTable& optimizer_table() {
  const OptimizerTable* simd = simd_optimizer_table(active_isa());
  return simd != nullptr ? *simd : scalar_optimizer_table();
}

// Calls work(begin, end) with a part of `count` numbers, in multiples that suit every vector.
template <typename Work>
void range_of(std::size_t count, Part part, const Work& work) {
  const std::size_t blocks = (count + kRangeMultiple - 1) / kRangeMultiple;
  const std::size_t begin = std::min(count, part.begin(blocks) * kRangeMultiple);
  const std::size_t end = std::min(count, part.end(blocks) * kRangeMultiple);
  if (begin < end) work(begin, end);
}

std::size_t row_groups(const NormShape& shape) { return (shape.rows + kRowGroup - 1) / kRowGroup; }

}  // namespace

template <typename Number>
void activate(Activation activation, std::span<const Number> in, Number* out, Part part) {
  range_of(in.size(), part,
           [&](auto begin, auto end) { elementwise_table<Number>().activate(activation, in.data(), out, begin, end); });
}

template <typename From, typename To>
void drop(const DropRule& rule, std::span<const From> in, To* out, Part part) {
  range_of(in.size(), part, [&](auto begin, auto end) {
    if constexpr (std::is_same_v<From, To>) {
      elementwise_table<To>().drop_same(rule, in.data(), out, begin, end);
    } else if constexpr (std::is_same_v<From, float>) {
      elementwise_table<To>().drop_from_float(rule, in.data(), out, begin, end);
    } else {
      elementwise_table<From>().drop_to_float(rule, in.data(), out, begin, end);
    }
  });
}

template <typename Number>
void norm(const NormForward<Number>& call, Part part) {
  elementwise_table<Number>().norm(call, part.begin(call.shape.rows), part.end(call.shape.rows));
}

std::size_t norm_sums_size(const NormShape& shape) { return row_groups(shape) * 2 * shape.width; }

template <typename Number>
void norm_gradient(const NormBackward<Number>& call, Part part) {
  const std::size_t groups = row_groups(call.shape);
  for (std::size_t group = part.begin(groups); group < part.end(groups); ++group) {
    elementwise_table<Number>().norm_gradient(call, group * kRowGroup,
                                              std::min(call.shape.rows, (group + 1) * kRowGroup),
                                              call.sums + group * 2 * call.shape.width);
  }
}

void add_norm_sums(const NormShape& shape, const float* sums, float* scale_gradient, float* shift_gradient) {
  std::fill_n(scale_gradient, shape.width, 0.0F);
  if (shift_gradient != nullptr) std::fill_n(shift_gradient, shape.width, 0.0F);
  for (std::size_t group = 0; group < row_groups(shape); ++group, sums += 2 * shape.width) {
    for (std::size_t i = 0; i < shape.width; ++i) scale_gradient[i] += sums[i];
    for (std::size_t i = 0; shift_gradient != nullptr && i < shape.width; ++i) {
      shift_gradient[i] += sums[shape.width + i];
    }
  }
}

template <typename Number>
void cross_entropy(const CrossEntropy<Number>& call, Part part) {
  elementwise_table<Number>().cross_entropy(call, part.begin(call.rows), part.end(call.rows));
}

template <typename Number>
void gated(const GatedForward<Number>& call, Part part) {
  elementwise_table<Number>().gated(call, part.begin(call.rows), part.end(call.rows));
}

template <typename Number>
void gated_gradient(const GatedBackward<Number>& call, Part part) {
  elementwise_table<Number>().gated_gradient(call, part.begin(call.rows), part.end(call.rows));
}

void adamw(const AdamwState& state, const AdamwFactors& factors, Part part) {
  range_of(state.values.size(), part,
           [&](auto begin, auto end) { optimizer_table().adamw(state, factors, begin, end); });
}

template <typename Number>
void adamw_and_pack(const PackedAdamw<Number>& call, const AdamwFactors& factors, Part part) {
  const std::size_t panels = panels_for(call.outputs);
  elementwise_table<Number>().adamw_and_pack(call, factors, part.begin(panels), part.end(panels));
}

std::size_t sum_of_squares_chunks(std::size_t count) { return (count + kSquares - 1) / kSquares; }

void sum_of_squares(std::span<const float> values, double* sums, Part part) {
  const std::size_t chunks = sum_of_squares_chunks(values.size());
  for (std::size_t chunk = part.begin(chunks); chunk < part.end(chunks); ++chunk) {
    const auto some = values.subspan(chunk * kSquares, std::min(kSquares, values.size() - chunk * kSquares));
    sums[chunk] = optimizer_table().sum_of_squares(some.data(), some.size());
  }
}

template void activate(Activation, std::span<const float>, float*, Part);
template void activate(Activation, std::span<const Bf16>, Bf16*, Part);
template void drop(const DropRule&, std::span<const float>, float*, Part);
template void drop(const DropRule&, std::span<const float>, Bf16*, Part);
template void drop(const DropRule&, std::span<const Bf16>, float*, Part);
template void drop(const DropRule&, std::span<const Bf16>, Bf16*, Part);
template void adamw_and_pack(const PackedAdamw<float>&, const AdamwFactors&, Part);
template void adamw_and_pack(const PackedAdamw<Bf16>&, const AdamwFactors&, Part);
template void gated(const GatedForward<float>&, Part);
template void gated(const GatedForward<Bf16>&, Part);
template void gated_gradient(const GatedBackward<float>&, Part);
template void gated_gradient(const GatedBackward<Bf16>&, Part);
template void norm(const NormForward<float>&, Part);
template void norm(const NormForward<Bf16>&, Part);
template void norm_gradient(const NormBackward<float>&, Part);
template void norm_gradient(const NormBackward<Bf16>&, Part);
template void cross_entropy(const CrossEntropy<float>&, Part);
template void cross_entropy(const CrossEntropy<Bf16>&, Part);

}  // namespace continuo::kernels
