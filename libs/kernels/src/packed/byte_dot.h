#pragma once

#include <cstddef>
#include <cstdint>

#include "continuo/kernels/isa.h"

#include "matmul/block_product.h"
#include "packed/left_side.h"

namespace continuo::kernels {

// Products of int8 panels by instructions that multiply bytes, one side of which has no sign, four neighbours along the
// depth at a time, and add them to sums of 32 bits. Weights w lie there as w + 128; a left side x, of 16 bits, comes as
// two bytes with a sign, x = 256 upper + lower. So
//   x w = 256 upper (w + 128) + lower (w + 128) - 128 x,
// which holds for sums modulo 2^32 as well: they are exact in any order.
inline constexpr std::size_t kByteGroup = 4;

// Sums [rows, panels * 32] of each half of the left side, (+)=. Rows of the left side are as convert_row() leaves them.
struct ByteProduct {
  std::size_t rows = 1;
  std::size_t depth = 0;
  const std::int8_t* upper = nullptr;  // of the first row, filled up with zeros to left_numbers(depth)
  const std::int8_t* lower = nullptr;
  std::size_t row_stride = 0;
  const std::uint8_t* right = nullptr;  // the first panel
  std::size_t right_stride = 0;         // from one panel to the next
  std::size_t panels = 0;
  std::int32_t* upper_out = nullptr;
  std::int32_t* lower_out = nullptr;
  std::size_t out_stride = 0;
  bool accumulate = false;

  std::size_t groups() const { return (depth + kByteGroup - 1) / kByteGroup; }
};

struct ByteDot {
  void (*row)(const ByteProduct&);   // one
  void (*rows)(const ByteProduct&);  // any number
};

// The one of an instruction set; null where it multiplies pairs of 16 bits, or where this build or this CPU lacks it,
// or where use_byte_dots(false) has been called.
const ByteDot* byte_dot(Isa isa);
inline const ByteDot* active_byte_dot() { return byte_dot(active_isa()); }

// For tests. Requires: no kernel is running.
void use_byte_dots(bool use);

const ByteDot& avx_byte_dot();     // Requires: a CPU with AVX-VNNI
const ByteDot& avx512_byte_dot();  // Requires: a CPU with AVX512-VNNI
const ByteDot& amx_byte_dot();     // Requires: a CPU with AVX512-VNNI, and AMX-INT8 that the system allows

}  // namespace continuo::kernels
