// Loops of the two instructions of x86 processors that multiply pairs of bf16, on registers alone.
#include "isa/peak_table.h"

#if defined(__x86_64__)

#include <cstddef>

#include <hwy/base.h>
#include <immintrin.h>

// What follows is compiled for these instructions, whatever the rest of the build is for.
HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,amx-tile,amx-bf16")

#include "isa/amx_tiles.h"

namespace continuo::kernels {

double avx512_bf16_peak(std::size_t rounds) {
  constexpr std::size_t kSums = 16;
  // Pairs of 1 and -1.
  const auto a = reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(0xbf803f80U)));
  __m512 sums[kSums];
  // Different sums, or the compiler would find out that all are one.
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kSums; ++i) sums[i] = _mm512_set1_ps(static_cast<float>(i));
  for (std::size_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 16
    for (auto& sum : sums) sum = _mm512_dpbf16_ps(sum, a, a);
  }
  float kept[16];
  for (auto& sum : sums) {
    _mm512_storeu_ps(kept, sum);
    volatile float sink = kept[0];
    static_cast<void>(sink);
  }
  return 64.0 * static_cast<double>(rounds * kSums);
}

double amx_bf16_peak(std::size_t rounds) {
  AmxTiles tiles;
  tiles.configure(16);
  tiles.zero<4>();
  tiles.zero<5>();
  tiles.zero<6>();
  tiles.zero<7>();
  const std::size_t times = rounds / 16;
  for (std::size_t i = 0; i < times; ++i) {
    tiles.dot<0, 4, 6>();
    tiles.dot<1, 4, 7>();
    tiles.dot<2, 5, 6>();
    tiles.dot<3, 5, 7>();
  }
  tiles.release();
  constexpr double kOperations = 2.0 * 16 * 16 * 32;
  return 4 * kOperations * static_cast<double>(times);
}

}  // namespace continuo::kernels

HWY_POP_ATTRIBUTES

#endif
