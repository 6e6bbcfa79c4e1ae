#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "continuo/kernels/number_types.h"

#include "matmul/tile_dot.h"

// Twins of the processors' instructions for bf16 and bytes in plain C++, which let any CPU run the kernels written over
// them.
namespace continuo::kernels {

// 16 fp32 sums of products of pairs. The processor may round between the two products in another way; to fp32 that is
// the last bit.
struct PlainPairs {
  struct Pairs {
    float first[16], second[16];
  };
  float sums[16];

  static PlainPairs zero() { return {}; }
  static PlainPairs load(const float* from) {
    PlainPairs value;
    std::copy_n(from, 16, value.sums);
    return value;
  }
  void store(float* to) const { std::copy_n(sums, 16, to); }
  static Pairs pairs(const Bf16* from) {
    Pairs result;
    for (std::size_t i = 0; i < 16; ++i) {
      result.first[i] = to_float(from[2 * i]);
      result.second[i] = to_float(from[2 * i + 1]);
    }
    return result;
  }
  static Pairs everywhere(const Bf16* from) {
    Pairs result;
    std::fill_n(result.first, 16, to_float(from[0]));
    std::fill_n(result.second, 16, to_float(from[1]));
    return result;
  }
  PlainPairs dot(const Pairs& a, const Pairs& b) const {
    PlainPairs value;
    for (std::size_t i = 0; i < 16; ++i) value.sums[i] = sums[i] + a.first[i] * b.first[i] + a.second[i] * b.second[i];
    return value;
  }
};

// kLaneCount sums of products of bytes, weights without a sign.
template <std::size_t kLaneCount, std::size_t kPanelsOfRow, std::size_t kRowsOfTile>
struct PlainBytes {
  static constexpr std::size_t kLanes = kLaneCount, kRowPanels = kPanelsOfRow, kTileRows = kRowsOfTile;
  template <typename Byte>
  using Bytes = std::array<Byte, 4 * kLanes>;
  std::int32_t sums[kLanes];

  static PlainBytes zero() { return {}; }
  static PlainBytes load(const std::int32_t* from) {
    PlainBytes value;
    std::copy_n(from, kLanes, value.sums);
    return value;
  }
  void store(std::int32_t* to) const { std::copy_n(sums, kLanes, to); }
  static Bytes<std::uint8_t> weights(const std::uint8_t* from) {
    Bytes<std::uint8_t> bytes;
    std::copy_n(from, bytes.size(), bytes.begin());
    return bytes;
  }
  static Bytes<std::int8_t> everywhere(const std::int8_t* from) {
    Bytes<std::int8_t> bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = from[i % 4];
    return bytes;
  }
  PlainBytes dot(const Bytes<std::uint8_t>& weights, const Bytes<std::int8_t>& bytes) const {
    PlainBytes value;
    for (std::size_t i = 0; i < kLanes; ++i) {
      auto sum = static_cast<std::uint32_t>(sums[i]);
      for (std::size_t j = 4 * i; j < 4 * i + 4; ++j) sum += static_cast<std::uint32_t>(weights[j] * bytes[j]);
      value.sums[i] = static_cast<std::int32_t>(sum);
    }
    return value;
  }
};

// Numbers without an implicit leading one count as zero, before and after each operation.
inline float flushed(float value) {
  return std::abs(value) < std::numeric_limits<float>::min() ? std::copysign(0.0F, value) : value;
}

// Eight tiles of 16 rows of 64 bytes; sums and left sides, tiles 0 to 5, of `rows` rows. The bits are the processor's.
class PlainTiles {
 public:
  explicit PlainTiles(std::size_t rows = kTileRowCount) : rows_(rows) {}
  void configure(std::size_t rows) { rows_ = rows; }

  template <int kTile>
  void zero() {
    bytes_[kTile].fill(std::byte{});
  }
  template <int kTile>
  void load(const void* from, std::size_t stride_bytes) {
    const auto* source = static_cast<const std::byte*>(from);
    for (std::size_t r = 0; r < rows_of(kTile); ++r) std::copy_n(source + r * stride_bytes, 64, row(kTile, r));
  }
  template <int kTile>
  void load_passing(const void* from, std::size_t stride_bytes) {
    load<kTile>(from, stride_bytes);
  }
  template <int kTile>
  void store(void* to, std::size_t stride_bytes) {
    auto* target = static_cast<std::byte*>(to);
    for (std::size_t r = 0; r < rows_of(kTile); ++r) std::copy_n(row(kTile, r), 64, target + r * stride_bytes);
  }
  static void transpose(const void* from, std::size_t stride_bytes, std::size_t count, void* to) {
    std::uint32_t words[16][16] = {};
    for (std::size_t r = 0; r < count; ++r) {
      std::uint32_t row[16];
      std::memcpy(row, static_cast<const std::byte*>(from) + r * stride_bytes, sizeof row);
      for (std::size_t c = 0; c < 16; ++c) words[c][r] = row[c];
    }
    std::memcpy(to, words, sizeof words);
  }
  // The even and the odd numbers along the depth are summed apart, then both are added to the tile.
  template <int kSum, int kLeft, int kRight>
  void dot() {
    for (std::size_t r = 0; r < rows_of(kSum); ++r) {
      for (std::size_t c = 0; c < 16; ++c) {
        float sums[2] = {};
        for (std::size_t pair = 0; pair < 16; ++pair) {
          for (std::size_t i = 0; i < 2; ++i) {
            const float a = flushed(to_float(number<Bf16>(kLeft, r, 2 * pair + i)));
            const float b = flushed(to_float(number<Bf16>(kRight, pair, 2 * c + i)));
            sums[i] = flushed(std::fma(a, b, sums[i]));
          }
        }
        const float sum = flushed(flushed(number<float>(kSum, r, c)) + flushed(sums[0] + sums[1]));
        std::memcpy(row(kSum, r) + c * sizeof sum, &sum, sizeof sum);
      }
    }
  }
  template <int kSum, int kLeft, int kRight>
  void dot_bytes() {
    for (std::size_t r = 0; r < rows_of(kSum); ++r) {
      for (std::size_t c = 0; c < 16; ++c) {
        auto sum = number<std::uint32_t>(kSum, r, c);
        for (std::size_t k = 0; k < 64; ++k) {
          const int product = number<std::int8_t>(kLeft, r, k) * number<std::uint8_t>(kRight, k / 4, 4 * c + k % 4);
          sum += static_cast<std::uint32_t>(product);
        }
        std::memcpy(row(kSum, r) + c * sizeof sum, &sum, sizeof sum);
      }
    }
  }

 private:
  std::size_t rows_of(int tile) const { return tile < 6 ? rows_ : kTileRowCount; }
  std::byte* row(int tile, std::size_t r) { return bytes_[std::size_t(tile)].data() + 64 * r; }
  template <typename Number>
  Number number(int tile, std::size_t r, std::size_t index) {
    Number value;
    std::memcpy(&value, row(tile, r) + index * sizeof value, sizeof value);
    return value;
  }

  std::size_t rows_;
  std::array<std::array<std::byte, 1024>, 8> bytes_{};
};

}  // namespace continuo::kernels
