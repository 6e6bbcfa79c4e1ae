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

// The configuration of all eight tiles: rows of 64 bytes, 16 of them in right sides, `rows` in sums and left sides.
struct alignas(64) TileConfig {
  explicit TileConfig(std::uint8_t left_rows) { std::fill_n(rows, 6, left_rows); }

  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

// In assembly, since the compiler's intrinsics take no template parameter for a tile's number, and those of GCC 12 do not
// say that tiles read and write memory.
class AmxTiles {
 public:
  template <int kTile>
  void zero() {
    asm volatile("tilezero %%tmm%c0" ::"i"(kTile));
  }
  template <int kTile>
  void load(const void* from, std::size_t stride_bytes) {
    asm volatile("tileloadd (%0,%1,1), %%tmm%c2" ::"r"(from), "r"(stride_bytes), "i"(kTile) : "memory");
  }
  template <int kTile>
  void store(void* to, std::size_t stride_bytes) {
    asm volatile("tilestored %%tmm%c2, (%0,%1,1)" ::"r"(to), "r"(stride_bytes), "i"(kTile) : "memory");
  }
  template <int kSum, int kLeft, int kRight>
  void dot() {
    asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(kSum), "i"(kLeft), "i"(kRight));
  }
};

void amx_product(const BlockProduct<Bf16>& p) {
  AmxTiles tiles;
  tile_block_product(tiles, p);
}
void amx_few_rows(const FewRowsProduct& p) {
  AmxTiles tiles;
  tile_few_rows_product(tiles, p);
}
void amx_begin() {
  static const TileConfig config(16);
  asm volatile("ldtilecfg %0" ::"m"(config) : "memory");
}
void amx_begin_few(std::size_t rows) {
  const TileConfig config(static_cast<std::uint8_t>(rows));
  asm volatile("ldtilecfg %0" ::"m"(config) : "memory");
}
void amx_end() { asm volatile("tilerelease"); }

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
