#include "isa/cpu_features.h"

#include "continuo/base/platform/platform.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace continuo::kernels {

#if defined(__x86_64__) || defined(__i386__)

// CPUs with AVX2, FMA and BMI2 have F16C and LZCNT, which compilers cannot all ask for; those with SSE4.2 that have
// PCLMUL have AES. Sources: hwy/targets.cc (1.0.3); Intel SDM vol. 1, 14.3: the compiler's test includes that of the
// system.
bool runs_sse4() { return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul"); }

bool runs_avx2() {
  return runs_sse4() && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}

bool runs_avx3() {
  return runs_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

#else

bool runs_sse4() { return false; }
bool runs_avx2() { return false; }
bool runs_avx3() { return false; }

#endif

#if defined(__x86_64__)

namespace {

struct Features {
  bool avx512_bf16 = false, amx_bf16 = false, avx_vnni = false, avx512_vnni = false, amx_int8 = false;
};

// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, CPUID, leaf 7.
Features find_features() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  Features features;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return features;
  const unsigned subleaves = a;
  const bool tiles = (d & (1U << 24)) != 0, tiles_bf16 = (d & (1U << 22)) != 0, tiles_int8 = (d & (1U << 25)) != 0;
  features.avx512_vnni = runs_avx3() && (c & (1U << 11)) != 0;
  if (subleaves >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0) {
    features.avx512_bf16 = runs_avx3() && (a & (1U << 5)) != 0;
    features.avx_vnni = runs_avx2() && (a & (1U << 4)) != 0;
  }
  const bool allowed = tiles && features.avx512_bf16 && platform::allow_matrix_tiles();
  features.amx_bf16 = allowed && tiles_bf16;
  features.amx_int8 = allowed && tiles_int8;
  return features;
}

const Features& features() {
  static const Features found = find_features();
  return found;
}

}  // namespace

bool runs_avx512_bf16() { return features().avx512_bf16; }
bool runs_amx_bf16() { return features().amx_bf16; }
bool runs_avx_vnni() { return features().avx_vnni; }
bool runs_avx512_vnni() { return features().avx512_vnni; }
bool runs_amx_int8() { return features().amx_int8; }

#else

bool runs_avx512_bf16() { return false; }
bool runs_amx_bf16() { return false; }
bool runs_avx_vnni() { return false; }
bool runs_avx512_vnni() { return false; }
bool runs_amx_int8() { return false; }

#endif

}  // namespace continuo::kernels
