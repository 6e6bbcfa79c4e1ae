#include "dot.h"

#include "continuo/base/platform/platform.h"

#include "../cpu_features.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace continuo::kernels {
namespace {

#if defined(__x86_64__)

struct Features {
  bool avx512_bf16 = false, amx = false;
};

// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, CPUID, leaf 7.
Features find_features() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  Features features;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return features;
  const unsigned subleaves = a;
  const bool tiles = (d & (1U << 24)) != 0 && (d & (1U << 22)) != 0;
  if (subleaves >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0) features.avx512_bf16 = runs_avx3() && (a & 32U) != 0;
  features.amx = features.avx512_bf16 && tiles && platform::allow_matrix_tiles();
  return features;
}

const Features& features() {
  static const Features found = find_features();
  return found;
}

#endif

}  // namespace

const Bf16Dot* bf16_dot([[maybe_unused]] Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512Bf16 && features().avx512_bf16) return &avx512_bf16_dot();
  if (isa == Isa::kAmx && features().amx) return &amx_dot();
#endif
  return nullptr;
}

}  // namespace continuo::kernels
