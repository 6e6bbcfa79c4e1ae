#include "continuo/kernels/head_norm.h"

#include "continuo/kernels/number_types.h"

#include "head_norm/head_norm_table.h"
#include "isa/dispatch.h"

namespace continuo::kernels {
namespace {

template <typename Number>
const HeadNormTable<Number>& kernels_in_use() noexcept {
  static const Dispatch<HeadNormTable<Number>> tables(scalar_head_norm_table<Number>(), simd_head_norm_table<Number>);
  return tables.active();
}

}  // namespace

template <typename Number>
void head_norm(const HeadNormForward<Number>& call) noexcept {
  kernels_in_use<Number>().head_norm(call);
}

template <typename Number>
void head_norm_gradient(const HeadNormBackward<Number>& call) noexcept {
  kernels_in_use<Number>().head_norm_gradient(call);
}

template void head_norm(const HeadNormForward<float>&) noexcept;
template void head_norm(const HeadNormForward<Bf16>&) noexcept;
template void head_norm_gradient(const HeadNormBackward<float>&) noexcept;
template void head_norm_gradient(const HeadNormBackward<Bf16>&) noexcept;

}  // namespace continuo::kernels
