#include "continuo/kernels/attention.h"

#include "continuo/kernels/number_types.h"

#include "attention/attention_table.h"
#include "isa/dispatch.h"

namespace continuo::kernels {
namespace {

template <typename Number>
const AttentionTable<Number>& kernels_in_use() {
  static const Dispatch<AttentionTable<Number>> tables(scalar_attention_table<Number>(), simd_attention_table<Number>);
  return tables.active();
}

}  // namespace

template <typename Number>
void attention(const AttentionForward<Number>& call, Part part) {
  kernels_in_use<Number>().forward(call, part);
}

template <typename Number>
void attention_gradient(const AttentionBackward<Number>& call, Part part) {
  kernels_in_use<Number>().backward(call, part);
}

template void attention(const AttentionForward<float>&, Part);
template void attention(const AttentionForward<Bf16>&, Part);
template void attention_gradient(const AttentionBackward<float>&, Part);
template void attention_gradient(const AttentionBackward<Bf16>&, Part);

}  // namespace continuo::kernels
