#include "continuo/kernels/elementwise.h"

#include <type_traits>

#include "continuo/kernels/number_types.h"

#include "elementwise/elementwise_table.h"
#include "isa/dispatch.h"
#include "isa/number_range.h"

namespace continuo::kernels {
namespace {

template <typename Number>
const ElementwiseTable<Number>& kernels_in_use() {
  static const Dispatch<ElementwiseTable<Number>> tables(scalar_elementwise_table<Number>(),
                                                         simd_elementwise_table<Number>);
  return tables.active();
}

const FunctionTable& functions_in_use() {
  static const Dispatch<FunctionTable> tables(scalar_function_table(), simd_function_table);
  return tables.active();
}

}  // namespace

void map_in_place(Function function, std::span<float> x) noexcept {
  functions_in_use().apply(function, x.data(), x.size());
}

void softmax(std::span<float> x, float scale) noexcept { functions_in_use().softmax(x.data(), x.size(), scale); }

void add(const float* a, const float* b, float* sum, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) sum[i] = a[i] + b[i];
}

void multiply(const float* a, const float* b, float* product, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) product[i] = a[i] * b[i];
}

template <typename Number>
void activate(Activation activation, std::span<const Number> in, Number* out, Part part) {
  const auto [begin, end] = numbers_of_part(in.size(), part);
  kernels_in_use<Number>().activate(activation, in.data(), out, begin, end);
}

template <typename From, typename To>
void drop(const DropRule& rule, std::span<const From> in, To* out, Part part) {
  const auto [begin, end] = numbers_of_part(in.size(), part);
  if constexpr (std::is_same_v<From, To>) {
    kernels_in_use<To>().drop_same(rule, in.data(), out, begin, end);
  } else if constexpr (std::is_same_v<From, float>) {
    kernels_in_use<To>().drop_from_float(rule, in.data(), out, begin, end);
  } else {
    kernels_in_use<From>().drop_to_float(rule, in.data(), out, begin, end);
  }
}

template <typename Number>
void gated(const GatedForward<Number>& call, Part part) {
  kernels_in_use<Number>().gated(call, part.begin(call.rows), part.end(call.rows));
}

template <typename Number>
void gated_gradient(const GatedBackward<Number>& call, Part part) {
  kernels_in_use<Number>().gated_gradient(call, part.begin(call.rows), part.end(call.rows));
}

template void activate(Activation, std::span<const float>, float*, Part);
template void activate(Activation, std::span<const Bf16>, Bf16*, Part);
template void drop(const DropRule&, std::span<const float>, float*, Part);
template void drop(const DropRule&, std::span<const float>, Bf16*, Part);
template void drop(const DropRule&, std::span<const Bf16>, float*, Part);
template void drop(const DropRule&, std::span<const Bf16>, Bf16*, Part);
template void gated(const GatedForward<float>&, Part);
template void gated(const GatedForward<Bf16>&, Part);
template void gated_gradient(const GatedBackward<float>&, Part);
template void gated_gradient(const GatedBackward<Bf16>&, Part);

}  // namespace continuo::kernels
