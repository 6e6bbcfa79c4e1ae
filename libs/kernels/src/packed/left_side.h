#pragma once

#include <cstddef>
#include <cstdint>

#include "continuo/kernels/precision.h"

#include "matmul/block_product.h"

namespace continuo::kernels {

// What a product makes of a row of its left side before it multiplies.
enum class LeftForm {
  kFloats,  // nothing
  kBf16,    // numbers rounded to bf16, for the CPU's own instruction
  kInt16,   // whole numbers of 16 bits, some steps apart
  kBytes,   // the same as two bytes with a sign, x = 256 upper + lower: all upper ones, then all lower ones
};

// Of products with panels of this precision, by the instruction set in use.
LeftForm left_form(Precision right);

// Numbers of a row, filled up with zeros to whole tiles.
constexpr std::size_t left_numbers(std::size_t depth) { return round_up(depth, 64); }

// What follows a row's numbers.
struct LeftEnd {
  float step = 0;        // between whole numbers
  std::int32_t sum = 0;  // of the whole numbers; kBytes only
};

// Of one converted row, for any form: its numbers of 16 bits and a cache line with its end, which also keeps rows of a
// power of two from meeting in one set of the cache.
constexpr std::size_t left_row_bytes(std::size_t depth) { return left_numbers(depth) * sizeof(std::uint16_t) + 64; }

inline LeftEnd& left_end(std::byte* row, std::size_t depth) {
  return *reinterpret_cast<LeftEnd*>(row + left_numbers(depth) * sizeof(std::uint16_t));
}
inline const LeftEnd& left_end(const std::byte* row, std::size_t depth) {
  return *reinterpret_cast<const LeftEnd*>(row + left_numbers(depth) * sizeof(std::uint16_t));
}

}  // namespace continuo::kernels
