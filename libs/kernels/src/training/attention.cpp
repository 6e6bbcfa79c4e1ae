#include "continuo/kernels/training/attention.h"

#include "attention_table.h"

namespace continuo::kernels {
namespace {

template <typename Number>
const AttentionTable<Number>& table() {
  const AttentionTable<Number>* simd = simd_attention_table<Number>(active_isa());
  return simd != nullptr ? *simd : scalar_attention_table<Number>();
}

}  // namespace

template <typename Number>
void attention(const AttentionForward<Number>& call, Part part) {
  table<Number>().forward(call, part);
}

template <typename Number>
void attention_gradient(const AttentionBackward<Number>& call, Part part) {
  table<Number>().backward(call, part);
}

template void attention(const AttentionForward<float>&, Part);
template void attention(const AttentionForward<Bf16>&, Part);
template void attention_gradient(const AttentionBackward<float>&, Part);
template void attention_gradient(const AttentionBackward<Bf16>&, Part);

}  // namespace continuo::kernels
