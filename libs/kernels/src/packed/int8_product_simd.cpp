// Products with panels of int8, compiled once for each instruction set. Sums are whole numbers, hence exact in any
// order.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "packed/int8_product_simd.cpp"
#include <algorithm>
#include <cstdint>
#include <cstring>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "isa/simd_targets.h"
#include "isa/vectors-inl.h"
#include "matmul/block_product-inl.h"
#include "memory/scratch.h"
#include "packed/byte_dot.h"
#include "packed/left_side-inl.h"
#include "packed/panels-inl.h"
#include "packed/product_scratch.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

using WordTag = hn::RebindToSigned<Tag>;
using Words = hn::Vec<WordTag>;
using HalfTag = hn::Repartition<std::int16_t, WordTag>;
constexpr WordTag kWordTag;
constexpr HalfTag kHalfTag;

// Adds up pairs of products of 16-bit numbers in 32 bits. What `rest` takes depends on the instruction set;
// sum_of_words puts both together.
HWY_INLINE void add_pairs(hn::Vec<HalfTag> a, hn::Vec<HalfTag> b, Words& sum, Words& rest) {
  sum = hn::ReorderWidenMulAccumulate(kWordTag, a, b, sum, rest);
}
HWY_INLINE Words sum_of_words(Words sum, Words rest) { return hn::RearrangeToOddPlusEven(sum, rest); }

HWY_INLINE hn::Vec<HalfTag> load_int8(const std::int8_t* from) {
  const hn::Rebind<std::int8_t, HalfTag> narrow;
  return hn::PromoteTo(kHalfTag, hn::LoadU(narrow, from));
}
HWY_INLINE hn::Vec<HalfTag> pair_everywhere(const std::int16_t* from) {
  std::int32_t word;
  std::memcpy(&word, from, sizeof word);
  return hn::BitCast(kHalfTag, hn::Set(kWordTag, word));
}

// Scales of the columns from `column` on.
HWY_INLINE Vec scaled(const PanelProduct& p, std::size_t column, Words sum, float step) {
  const float* scales = p.right.scales == nullptr ? nullptr : p.right.scales + column;
  const Vec factor = scales == nullptr ? constant(step) : hn::Mul(constant(step), load(scales));
  return hn::Mul(hn::ConvertTo(kTag, sum), factor);
}

template <std::size_t kVectors>
HWY_INLINE void sum_pairs(const PanelProduct& p, std::size_t panel, OnlyRow& row, Vec (&sums)[kVectors]) {
  const std::int8_t* right[kVectors];
  vectors_of(p, panel, right);
  Words totals[kVectors], rests[kVectors];
  CONTINUO_UNROLL for (std::size_t v = 0; v < kVectors; ++v) totals[v] = rests[v] = hn::Zero(kWordTag);
  for (std::size_t start = 0; start < p.depth;) {
    const LeftPart part = row.part(start);
    const auto* numbers = reinterpret_cast<const std::int16_t*>(part.numbers);
    for (std::size_t k = 0; k < part.count; k += 2) {
      const auto left = pair_everywhere(numbers + k);
      prefetch(right, (start + k) * kPanelRows, 2 * kPanelRows);
      CONTINUO_UNROLL for (std::size_t v = 0; v < kVectors; ++v) {
        add_pairs(left, load_int8(right[v] + (start + k) * kPanelRows), totals[v], rests[v]);
      }
    }
    start += part.count;
  }
  const float step = row.step();
  CONTINUO_UNROLL for (std::size_t v = 0; v < kVectors; ++v) {
    sums[v] = scaled(p, panel * kPanelRows + v * kLanes, sum_of_words(totals[v], rests[v]), step);
  }
}

HWY_NOINLINE void pair_row(const PanelProduct& p) {
  OnlyRow row(p, LeftForm::kInt16);
  all_panels_of_row(p, [&](std::size_t panel, auto& sums) { sum_pairs(p, panel, row, sums); });
}

// Has one row's sums finished before the next row's begin. GCC otherwise forms all products first, for which there are
// too few registers, and keeps the sums in memory: that halves the speed on AVX2.
HWY_INLINE void keep_in_order([[maybe_unused]] Words& low, [[maybe_unused]] Words& high) {
#if defined(__GNUC__) && HWY_ARCH_X86
  asm("" : "+v"(low.raw), "+v"(high.raw));
#endif
}

// Rows [first, first + rows) of a product, converted, one every left_row_bytes().
struct Int16Rows {
  const PanelProduct& p;
  std::size_t first, rows;
  const std::byte* left;

  const std::byte* row(std::size_t r) const { return left + r * left_row_bytes(p.depth); }
};

template <std::size_t kRows>
HWY_NOINLINE void pair_tile(const Int16Rows& chunk, std::size_t row, std::size_t panel, std::size_t column) {
  const PanelProduct& p = chunk.p;
  const auto* right = reinterpret_cast<const std::int8_t*>(p.right.data + panel * p.right.stride) + column * 2;
  const auto* numbers = reinterpret_cast<const std::int16_t*>(chunk.row(row));
  const std::size_t stride = left_row_bytes(p.depth) / sizeof(std::int16_t);
  Words low[kRows], high[kRows], low_rest[kRows], high_rest[kRows];
  CONTINUO_UNROLL for (std::size_t i = 0; i < kRows; ++i) {
    low[i] = high[i] = low_rest[i] = high_rest[i] = hn::Zero(kWordTag);
  }
  for (std::size_t k = 0; k < p.depth; k += 2) {
    const auto b0 = load_int8(right + k * kPanelRows), b1 = load_int8(right + k * kPanelRows + 2 * kLanes);
    CONTINUO_UNROLL for (std::size_t i = 0; i < kRows; ++i) {
      const auto a = pair_everywhere(numbers + i * stride + k);
      add_pairs(a, b0, low[i], low_rest[i]);
      add_pairs(a, b1, high[i], high_rest[i]);
      keep_in_order(low[i], high[i]);
    }
  }
  const std::size_t at = panel * kPanelRows + column;
  CONTINUO_UNROLL for (std::size_t i = 0; i < kRows; ++i) {
    const float step = left_end(chunk.row(row + i), p.depth).step;
    const std::size_t out_row = chunk.first + row + i;
    finish(p, out_row, at, scaled(p, at, sum_of_words(low[i], low_rest[i]), step));
    finish(p, out_row, at + kLanes, scaled(p, at + kLanes, sum_of_words(high[i], high_rest[i]), step));
  }
}

// The rows that do not fill a tile.
template <std::size_t kRows>
void pair_tile_of(std::size_t rows, const Int16Rows& chunk, std::size_t row, std::size_t panel, std::size_t column) {
  if (rows == kRows) return pair_tile<kRows>(chunk, row, panel, column);
  if constexpr (kRows > 1) pair_tile_of<kRows - 1>(rows, chunk, row, panel, column);
}

void pair_rows(const PanelProduct& p) {
  Scratch scratch(product_scratch_bytes(p.right.precision, p.depth));
  auto* memory = scratch.take<std::byte>(kRowChunk * left_row_bytes(p.depth));
  for (std::size_t first = 0; first < p.rows; first += kRowChunk) {
    const std::size_t rows = std::min(kRowChunk, p.rows - first);
    const Int16Rows chunk{p, first, rows, converted_rows(p, LeftForm::kInt16, first, rows, memory)};
    for (std::size_t panel = 0; panel < p.panels(); ++panel) {
      for (std::size_t column = 0; column < kPanelRows; column += kTileColumns) {
        std::size_t row = 0;
        for (; row + kTileRows <= rows; row += kTileRows) pair_tile<kTileRows>(chunk, row, panel, column);
        if (row < rows) pair_tile_of<kTileRows - 1>(rows - row, chunk, row, panel, column);
      }
    }
  }
}

// Rows that are multiplied by some panels, and panels that are multiplied by one row, before the next ones come.
constexpr std::size_t kByteRows = 48, kByteRowPanels = 16;

// Puts both halves of a row's sums together and finishes them.
HWY_INLINE void finish_bytes(const PanelProduct& p, std::size_t row, std::size_t panel, const ByteProduct& product,
                             std::size_t out_row, const LeftEnd& end) {
  const Words bias = hn::Set(kWordTag, static_cast<std::int32_t>(static_cast<std::uint32_t>(end.sum) * 128U));
  const std::size_t from = out_row * product.out_stride;
  for (std::size_t column = 0; column < product.panels * kPanelRows; column += kLanes) {
    const Words upper = hn::LoadU(kWordTag, product.upper_out + from + column);
    const Words lower = hn::LoadU(kWordTag, product.lower_out + from + column);
    const Words total = hn::Sub(hn::Add(hn::ShiftLeft<8>(upper), lower), bias);
    const std::size_t at = panel * kPanelRows + column;
    if (at < p.columns) finish(p, row, at, scaled(p, at, total, end.step));
  }
}

HWY_INLINE ByteProduct byte_panels(const PanelProduct& p, std::size_t panel, std::size_t count) {
  ByteProduct product;
  product.right = reinterpret_cast<const std::uint8_t*>(p.right.data + panel * p.right.stride);
  product.right_stride = p.right.stride;
  product.panels = std::min(count, p.panels() - panel);
  product.out_stride = count * kPanelRows;
  return product;
}

HWY_INLINE void take_left(const std::byte* row, std::size_t depth, ByteProduct& product) {
  product.depth = depth;
  product.upper = reinterpret_cast<const std::int8_t*>(row);
  product.lower = product.upper + left_numbers(depth);
}

HWY_NOINLINE void byte_row(const PanelProduct& p, const ByteDot& dot) {
  OnlyRow row(p, LeftForm::kBytes);
  alignas(64) std::int32_t upper[kByteRowPanels * kPanelRows], lower[kByteRowPanels * kPanelRows];
  for (std::size_t panel = 0; panel < p.panels(); panel += kByteRowPanels) {
    ByteProduct product = byte_panels(p, panel, kByteRowPanels);
    product.upper_out = upper;
    product.lower_out = lower;
    LeftEnd end{row.step(), 0};
    for (std::size_t k = 0; k < p.depth; k += product.depth, product.accumulate = true) {
      const LeftPart part = row.part(k);
      take_left(part.numbers, part.count, product);
      end.sum += left_end(part.numbers, part.count).sum;
      dot.row(product);
      product.right += product.depth * kPanelRows;
    }
    finish_bytes(p, 0, panel, product, 0, end);
  }
}

void byte_rows(const PanelProduct& p, const ByteDot& dot) {
  Scratch scratch(product_scratch_bytes(p.right.precision, p.depth));
  auto* sums = scratch.take<std::int32_t>(2 * kByteSums * kPanelRows);
  auto* memory = scratch.take<std::byte>(kByteRows * left_row_bytes(p.depth));
  for (std::size_t first = 0; first < p.rows; first += kByteRows) {
    const std::size_t rows = std::min(kByteRows, p.rows - first);
    const std::size_t panels = std::min(kByteRowPanels, kByteSums / rows);
    const std::byte* left = converted_rows(p, LeftForm::kBytes, first, rows, memory);
    for (std::size_t panel = 0; panel < p.panels(); panel += panels) {
      ByteProduct product = byte_panels(p, panel, panels);
      product.rows = rows;
      product.row_stride = left_row_bytes(p.depth);
      product.upper_out = sums;
      product.lower_out = sums + kByteSums * kPanelRows;
      take_left(left, p.depth, product);
      dot.rows(product);
      for (std::size_t r = 0; r < rows; ++r) {
        finish_bytes(p, first + r, panel, product, r, left_end(left + r * product.row_stride, p.depth));
      }
    }
  }
}

void int8_product(const PanelProduct& p) noexcept {
  // Panels that were packed for another instruction set.
  if (p.right.group != int8_group()) return scalar_panel_table().product(p);
  if (const ByteDot* dot = active_byte_dot()) return p.rows == 1 ? byte_row(p, *dot) : byte_rows(p, *dot);
  if (p.rows == 1) return pair_row(p);
  pair_rows(p);
}

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
