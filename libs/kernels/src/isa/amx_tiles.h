#pragma once

// The processor's tiles. To be included, after <immintrin.h>, within the attributes of functions that may use them.

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace continuo::kernels {

// Shuffles of words within blocks of four, and of blocks. With a full mask, since GCC 12 warns of its own headers
// without.
inline __m512i low_words(__m512i a, __m512i b) { return _mm512_maskz_unpacklo_epi32(0xffff, a, b); }
inline __m512i high_words(__m512i a, __m512i b) { return _mm512_maskz_unpackhi_epi32(0xffff, a, b); }
inline __m512i low_pairs(__m512i a, __m512i b) { return _mm512_maskz_unpacklo_epi64(0xff, a, b); }
inline __m512i high_pairs(__m512i a, __m512i b) { return _mm512_maskz_unpackhi_epi64(0xff, a, b); }
inline __m512i even_blocks(__m512i a, __m512i b) { return _mm512_maskz_shuffle_i32x4(0xffff, a, b, 0x88); }
inline __m512i odd_blocks(__m512i a, __m512i b) { return _mm512_maskz_shuffle_i32x4(0xffff, a, b, 0xdd); }

// The configuration of all eight tiles: rows of 64 bytes, 16 of them in right sides, `rows` in sums and left sides.
struct alignas(64) TileConfig {
  explicit TileConfig(std::size_t left_rows) { std::fill_n(rows, 6, static_cast<std::uint8_t>(left_rows)); }

  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

// In assembly, since the compiler's intrinsics take no template parameter for a tile's number, and those of GCC 12 do
// not say that tiles read and write memory.
class AmxTiles {
 public:
  void configure(std::size_t rows) {
    const TileConfig config(rows);
    asm volatile("ldtilecfg %0" ::"m"(config) : "memory");
  }
  void release() { asm volatile("tilerelease"); }
  template <int kTile>
  void zero() {
    asm volatile("tilezero %%tmm%c0" ::"i"(kTile));
  }
  template <int kTile>
  void load(const void* from, std::size_t stride_bytes) {
    asm volatile("tileloadd (%0,%1,1), %%tmm%c2" ::"r"(from), "r"(stride_bytes), "i"(kTile) : "memory");
  }
  // For what does not stay in the first cache level.
  template <int kTile>
  void load_passing(const void* from, std::size_t stride_bytes) {
    asm volatile("tileloaddt1 (%0,%1,1), %%tmm%c2" ::"r"(from), "r"(stride_bytes), "i"(kTile) : "memory");
  }
  template <int kTile>
  void store(void* to, std::size_t stride_bytes) {
    asm volatile("tilestored %%tmm%c2, (%0,%1,1)" ::"r"(to), "r"(stride_bytes), "i"(kTile) : "memory");
  }
  // A square of words: first within blocks of four rows and columns, then of these blocks.
  static void transpose(const void* from, std::size_t stride_bytes, std::size_t count, void* to) {
    const auto* source = static_cast<const std::byte*>(from);
    __m512i a[16], b[16];
#pragma GCC unroll 16
    for (std::size_t i = 0; i < 16; ++i) {
      a[i] = i < count ? _mm512_loadu_si512(source + i * stride_bytes) : _mm512_setzero_si512();
    }
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 16; i += 2) {
      b[i] = low_words(a[i], a[i + 1]);
      b[i + 1] = high_words(a[i], a[i + 1]);
    }
    // Now a[i + j] holds, of each block of four columns, column j of the rows i to i + 3.
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 16; i += 4) {
      a[i] = low_pairs(b[i], b[i + 2]);
      a[i + 1] = high_pairs(b[i], b[i + 2]);
      a[i + 2] = low_pairs(b[i + 1], b[i + 3]);
      a[i + 3] = high_pairs(b[i + 1], b[i + 3]);
    }
#pragma GCC unroll 4
    for (std::size_t j = 0; j < 4; ++j) {
      const __m512i even = even_blocks(a[j], a[j + 4]), odd = odd_blocks(a[j], a[j + 4]);
      const __m512i even_rest = even_blocks(a[j + 8], a[j + 12]), odd_rest = odd_blocks(a[j + 8], a[j + 12]);
      auto* column = static_cast<std::byte*>(to) + 64 * j;
      _mm512_storeu_si512(column, even_blocks(even, even_rest));
      _mm512_storeu_si512(column + 256, even_blocks(odd, odd_rest));
      _mm512_storeu_si512(column + 512, odd_blocks(even, even_rest));
      _mm512_storeu_si512(column + 768, odd_blocks(odd, odd_rest));
    }
  }
  template <int kSum, int kLeft, int kRight>
  void dot() {
    asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(kSum), "i"(kLeft), "i"(kRight));
  }
  // Bytes with a sign on the left, without on the right.
  template <int kSum, int kLeft, int kRight>
  void dot_bytes() {
    asm volatile("tdpbsud %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(kSum), "i"(kLeft), "i"(kRight));
  }
};

}  // namespace continuo::kernels
