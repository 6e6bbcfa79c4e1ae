#include "cpu_features.h"

namespace continuo::kernels {

#if defined(__x86_64__) || defined(__i386__)

// CPUs with AVX2, FMA and BMI2 have F16C and LZCNT, which compilers cannot all ask for; those with SSE4.2 that have PCLMUL have
// AES. Sources: hwy/targets.cc (1.0.3); Intel SDM vol. 1, 14.3: the compiler's test includes that of the system.
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

}  // namespace continuo::kernels
