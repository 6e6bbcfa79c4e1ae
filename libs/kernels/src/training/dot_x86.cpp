// The two instructions of x86 processors that multiply pairs of bf16.
#include "dot.h"

#if defined(__x86_64__)

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <hwy/base.h>
#include <immintrin.h>

// What follows is compiled for these instructions, whatever the rest of the build is for.
HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,amx-tile,amx-bf16")

#include "../amx_tiles.h"
#include "pair_dot.h"
#include "tile_dot.h"

namespace continuo::kernels {
namespace {

struct Avx512Pairs {
  using Pairs = __m512bh;
  __m512 sums;

  static Avx512Pairs zero() { return {_mm512_setzero_ps()}; }
  static Avx512Pairs load(const float* from) { return {_mm512_loadu_ps(from)}; }
  void store(float* to) const { _mm512_storeu_ps(to, sums); }
  static Pairs pairs(const Bf16* from) { return reinterpret_cast<Pairs>(_mm512_loadu_si512(from)); }
  static Pairs everywhere(const Bf16* from) {
    int word;
    std::memcpy(&word, from, sizeof word);
    return reinterpret_cast<Pairs>(_mm512_set1_epi32(word));
  }
  Avx512Pairs dot(Pairs a, Pairs b) const { return {_mm512_dpbf16_ps(sums, a, b)}; }
};

void amx_product(const BlockProduct<Bf16>& p) {
  AmxTiles tiles;
  tile_block_product(tiles, p);
}
void amx_few_rows(const FewRowsProduct& p) {
  AmxTiles tiles;
  tile_few_rows_product(tiles, p);
}
void amx_begin_few(std::size_t rows) { AmxTiles().configure(rows); }
void amx_begin() { amx_begin_few(kTileRowCount); }
void amx_end() { AmxTiles().release(); }

double avx512_peak(std::size_t rounds) {
  constexpr std::size_t kSums = 16;
  const Bf16 ones[2] = {{0x3f80}, {0xbf80}};
  const auto a = Avx512Pairs::everywhere(ones);
  Avx512Pairs sums[kSums];
  // Different sums, or the compiler would find out that all are one.
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kSums; ++i) sums[i] = {_mm512_set1_ps(static_cast<float>(i))};
  for (std::size_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 16
    for (auto& sum : sums) sum = sum.dot(a, a);
  }
  float kept[16];
  for (auto& sum : sums) {
    sum.store(kept);
    volatile float sink = kept[0];
    static_cast<void>(sink);
  }
  return 64.0 * static_cast<double>(rounds * kSums);
}

double amx_peak(std::size_t rounds) {
  AmxTiles tiles;
  amx_begin();
  tiles.zero<4>();
  tiles.zero<5>();
  tiles.zero<6>();
  tiles.zero<7>();
  for (std::size_t i = 0; i < rounds / 16; ++i) {
    tiles.dot<0, 4, 6>();
    tiles.dot<1, 4, 7>();
    tiles.dot<2, 5, 6>();
    tiles.dot<3, 5, 7>();
  }
  amx_end();
  constexpr double kOperations = 2.0 * 16 * 16 * 32;
  return 4 * kOperations * static_cast<double>(rounds / 16);
}

}  // namespace

const Bf16Dot& avx512_bf16_dot() {
  static constexpr Bf16Dot kDot = {
      pair_block_product<Avx512Pairs>, pair_row_product<Avx512Pairs>, 1, nullptr, nullptr, nullptr, avx512_peak};
  return kDot;
}

const Bf16Dot& amx_dot() {
  static constexpr Bf16Dot kDot = {amx_product,   amx_few_rows, kTileRowCount, amx_begin,
                                   amx_begin_few, amx_end,      amx_peak};
  return kDot;
}

}  // namespace continuo::kernels

HWY_POP_ATTRIBUTES

#endif
