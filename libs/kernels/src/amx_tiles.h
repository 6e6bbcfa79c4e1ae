#pragma once

// The processor's tiles. To be included within the attributes of functions that may use them.

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace continuo::kernels {

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
  template <int kTile>
  void store(void* to, std::size_t stride_bytes) {
    asm volatile("tilestored %%tmm%c2, (%0,%1,1)" ::"r"(to), "r"(stride_bytes), "i"(kTile) : "memory");
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
