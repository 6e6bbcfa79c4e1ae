#pragma once

#include <cstddef>
#include <cstdint>

#include "matmul/block_product.h"

namespace continuo::kernels {

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
