// The two instructions of x86 processors that multiply pairs of bf16.
#include "matmul/bf16_dot.h"

#if defined(__x86_64__)

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <hwy/base.h>
#include <immintrin.h>

// What follows is compiled for these instructions, whatever the rest of the build is for.
HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,amx-tile,amx-bf16")

#include "isa/amx_tiles.h"
#include "matmul/pair_dot.h"
#include "matmul/tile_dot.h"

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

}  // namespace

const Bf16Dot& avx512_bf16_dot() {
  static constexpr Bf16Dot kDot = {
      pair_block_product<Avx512Pairs>, pair_row_product<Avx512Pairs>, 1, nullptr, nullptr, nullptr};
  return kDot;
}

const Bf16Dot& amx_dot() {
  static constexpr Bf16Dot kDot = {amx_product, amx_few_rows, kTileRowCount, amx_begin, amx_begin_few, amx_end};
  return kDot;
}

}  // namespace continuo::kernels

HWY_POP_ATTRIBUTES

#endif
