#include "matmul/bf16_dot.h"

#include "isa/cpu_features.h"

namespace continuo::kernels {

const Bf16Dot* bf16_dot([[maybe_unused]] Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512Bf16 && runs_avx512_bf16()) return &avx512_bf16_dot();
  if (isa == Isa::kAmx && runs_amx_bf16()) return &amx_dot();
#endif
  return nullptr;
}

}  // namespace continuo::kernels
