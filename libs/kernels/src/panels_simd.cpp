// Products with panels, for the engine: one row at the speed of memory, many rows at that of arithmetic. Compiled once for
// each instruction set. Each output is one sum that grows in the order of the depth, whatever the number of rows.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "panels_simd.cpp"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "int16.h"
#include "kernel_table.h"
#include "product_scratch.h"
#include "simd_targets.h"
#include "training/block_product-inl.h"
#include "training/scratch.h"
#include "vectors-inl.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

using WordTag = hn::RebindToSigned<Tag>;
using Words = hn::Vec<WordTag>;
using HalfTag = hn::Repartition<std::int16_t, WordTag>;
constexpr WordTag kWordTag;
constexpr HalfTag kHalfTag;

constexpr std::size_t kPanelVectors = kPanelRows / kLanes;
// Panels that a single row goes through side by side: enough sums to hide the latency of an addition.
constexpr std::size_t kSideBySide = kLanes >= 8 ? 2 : 1;
// What follows a sum: bias, activation, residual, and a store of what lies within the matrix.
HWY_INLINE void finish(const PanelProduct& p, std::size_t row, std::size_t column, Vec sum) {
  if (column >= p.columns) return;
  if (p.bias != nullptr) sum = hn::Add(sum, load(p.bias + column));
  sum = activated(p.activation, sum);
  const std::size_t left = p.columns - column;
  if (p.residual.data != nullptr) {
    sum = hn::Add(sum, load_up_to(p.residual.data + row * p.residual.stride + column, left));
  }
  store_up_to(sum, p.out.data + row * p.out.stride + column, left);
}

HWY_INLINE Vec load(const Fp16* from) {
  const hn::Rebind<hwy::float16_t, Tag> narrow;
  return hn::PromoteTo(kTag, hn::LoadU(narrow, reinterpret_cast<const hwy::float16_t*>(from)));
}

// kCount panels' sums of one row, vector by vector.
template <std::size_t kCount>
using Sums = Vec[kCount * kPanelVectors];

template <typename Number, std::size_t kVectors>
HWY_INLINE void add_products(Vec left, const Number* const (&right)[kVectors], std::size_t offset,
                             Vec (&sums)[kVectors]) {
  CONTINUO_UNROLL for (std::size_t v = 0; v < kVectors; ++v) {
    sums[v] = hn::MulAdd(left, load(right[v] + offset), sums[v]);
  }
}

// Where the vectors of kCount panels begin.
template <typename Number, std::size_t kVectors>
HWY_INLINE void vectors_of(const PanelProduct& p, std::size_t panel, const Number* (&starts)[kVectors]) {
  CONTINUO_UNROLL for (std::size_t v = 0; v < kVectors; ++v) {
    const std::byte* data = p.right.data + (panel + v / kPanelVectors) * p.right.stride;
    starts[v] = reinterpret_cast<const Number*>(data) + v % kPanelVectors * kLanes * group_of(p.right.precision);
  }
}

// Panels stream by faster than the processor foresees: it is told this many bytes ahead.
constexpr std::size_t kPrefetchBytes = 1024;

// For the next `bytes` of each of the panels.
template <typename Number, std::size_t kVectors>
HWY_INLINE void prefetch(const Number* const (&right)[kVectors], std::size_t offset, std::size_t bytes) {
  constexpr std::size_t kLine = 64;
  CONTINUO_UNROLL for (std::size_t v = 0; v < kVectors; v += kPanelVectors) {
    const auto* from = reinterpret_cast<const std::byte*>(right[v] + offset) + kPrefetchBytes;
    for (std::size_t line = 0; line < bytes; line += kLine) hwy::Prefetch(from + line);
  }
}

// One row and kVectors vectors of columns from `panel` on. Number is float or Fp16.
template <typename Number, std::size_t kVectors>
HWY_INLINE void sum_row(const PanelProduct& p, std::size_t panel, Vec (&sums)[kVectors]) {
  const Number* right[kVectors];
  vectors_of(p, panel, right);
  const float* left = p.left.data;
  for (std::size_t k = 0; k < p.depth; ++k) {
    prefetch(right, k * kPanelRows, kPanelRows * sizeof(Number));
    add_products(constant(left[k]), right, k * kPanelRows, sums);
  }
}

template <std::size_t kVectors>
HWY_INLINE void sum_pairs(const PanelProduct& p, std::size_t panel, Vec (&sums)[kVectors]) {
  const Bf16* right[kVectors];
  vectors_of(p, panel, right);
  const float* left = p.left.data;
  std::size_t k = 0;
  for (; k + 2 <= p.depth; k += 2) {
    const Vec first = constant(left[k]), second = constant(left[k + 1]);
    prefetch(right, k * kPanelRows, 2 * kPanelRows * sizeof(Bf16));
    CONTINUO_UNROLL for (std::size_t v = 0; v < kVectors; ++v) {
      const auto pairs = load_pairs(right[v] + k * kPanelRows);
      sums[v] = hn::MulAdd(second, second_of(pairs), hn::MulAdd(first, first_of(pairs), sums[v]));
    }
  }
  if (k == p.depth) return;
  CONTINUO_UNROLL for (std::size_t v = 0; v < kVectors; ++v) {
    sums[v] = hn::MulAdd(constant(left[k]), first_of(load_pairs(right[v] + k * kPanelRows)), sums[v]);
  }
}

// Adds up pairs of products of 16-bit numbers in 32 bits. What `rest` takes depends on the instruction set; sum_of_words
// puts both together.
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

// The reciprocal of the step between the whole numbers that a row is rounded to.
HWY_INLINE float inverse_step(const float* row, std::size_t depth) {
  Vec top = hn::Zero(kTag), sum = hn::Zero(kTag);
  for (std::size_t k = 0; k < depth; k += kLanes) {
    const Vec magnitude = hn::Abs(load_up_to(row + k, depth - k));
    top = hn::Max(top, magnitude);
    sum = hn::Add(sum, magnitude);
  }
  return int16_inverse_step(max_of(top), sum_of(sum), depth);
}

// Rounds numbers of a row; zero behind them, up to an even count.
HWY_INLINE void to_int16(const float* from, std::size_t count, float inverse, std::int16_t* to) {
  const hn::Rebind<std::int16_t, Tag> narrow;
  const Vec factor = constant(inverse);
  std::size_t k = 0;
  for (; k + kLanes <= count; k += kLanes) {
    hn::StoreU(hn::DemoteTo(narrow, hn::NearestInt(hn::Mul(load(from + k), factor))), narrow, to + k);
  }
  if (k == count) return;
  HWY_ALIGN std::int16_t last[kLanes];
  const Vec rest = hn::Mul(load_part(from + k, count - k, 0.0F), factor);
  hn::Store(hn::DemoteTo(narrow, hn::NearestInt(rest)), narrow, last);
  std::copy_n(last, round_up(count - k, 2), to + k);
}

HWY_INLINE float step_of(float inverse) { return inverse == 0 ? 0 : 1 / inverse; }

// Scales of the columns from `column` on.
HWY_INLINE Vec scaled(const PanelProduct& p, std::size_t column, Words sum, float step) {
  const float* scales = p.right.scales == nullptr ? nullptr : p.right.scales + column;
  const Vec factor = scales == nullptr ? constant(step) : hn::Mul(constant(step), load(scales));
  return hn::Mul(hn::ConvertTo(kTag, sum), factor);
}

// Part of a row that is rounded at a time.
constexpr std::size_t kInt16Chunk = 4096;

// The whole row where it is short, rounded once for all panels.
struct RoundedRow {
  explicit RoundedRow(const PanelProduct& p) : inverse(inverse_step(p.left.data, p.depth)) {
    if (p.depth <= kInt16Chunk) to_int16(p.left.data, p.depth, inverse, numbers);
  }
  // The part from k on. Returns its length, even.
  std::size_t part(const PanelProduct& p, std::size_t k) {
    if (p.depth <= kInt16Chunk) return round_up(p.depth, 2);
    const std::size_t count = std::min(kInt16Chunk, p.depth - k);
    to_int16(p.left.data + k, count, inverse, numbers);
    return round_up(count, 2);
  }

  float inverse;
  HWY_ALIGN std::int16_t numbers[kInt16Chunk];
};

template <std::size_t kVectors>
HWY_INLINE void sum_int8(const PanelProduct& p, std::size_t panel, RoundedRow& row, Vec (&sums)[kVectors]) {
  const std::int8_t* right[kVectors];
  vectors_of(p, panel, right);
  Words totals[kVectors], rests[kVectors];
  CONTINUO_UNROLL for (std::size_t v = 0; v < kVectors; ++v) totals[v] = rests[v] = hn::Zero(kWordTag);
  for (std::size_t start = 0; start < p.depth; start += kInt16Chunk) {
    const std::size_t count = row.part(p, start);
    for (std::size_t k = 0; k < count; k += 2) {
      const auto left = pair_everywhere(row.numbers + k);
      prefetch(right, (start + k) * kPanelRows, 2 * kPanelRows);
      CONTINUO_UNROLL for (std::size_t v = 0; v < kVectors; ++v) {
        add_pairs(left, load_int8(right[v] + (start + k) * kPanelRows), totals[v], rests[v]);
      }
    }
  }
  const float step = step_of(row.inverse);
  CONTINUO_UNROLL for (std::size_t v = 0; v < kVectors; ++v) {
    sums[v] = scaled(p, panel * kPanelRows + v * kLanes, sum_of_words(totals[v], rests[v]), step);
  }
}

// Goes through all panels. `sum_panel` adds the products of vectors of columns, from a panel on, to sums.
template <std::size_t kCount, typename SumPanel>
HWY_INLINE void panels_of_row(const PanelProduct& p, std::size_t panel, const SumPanel& sum_panel) {
  Sums<kCount> sums;
  CONTINUO_UNROLL for (Vec& sum : sums) sum = hn::Zero(kTag);
  sum_panel(panel, sums);
  CONTINUO_UNROLL for (std::size_t v = 0; v < kCount * kPanelVectors; ++v) {
    finish(p, 0, panel * kPanelRows + v * kLanes, sums[v]);
  }
}

template <typename SumPanel>
HWY_INLINE void all_panels_of_row(const PanelProduct& p, const SumPanel& sum_panel) {
  std::size_t panel = 0;
  for (; panel + kSideBySide <= p.panels(); panel += kSideBySide) panels_of_row<kSideBySide>(p, panel, sum_panel);
  if (panel < p.panels()) panels_of_row<1>(p, panel, sum_panel);
}

HWY_NOINLINE void int8_row(const PanelProduct& p) {
  RoundedRow row(p);
  all_panels_of_row(p, [&](std::size_t panel, auto& sums) { sum_int8(p, panel, row, sums); });
}

HWY_NOINLINE void single_row(const PanelProduct& p) {
  if (p.right.precision == Precision::kInt8) return int8_row(p);
  if (p.right.precision == Precision::kBf16) {
    return all_panels_of_row(p, [&](std::size_t panel, auto& sums) { sum_pairs(p, panel, sums); });
  }
  if (p.right.precision == Precision::kFp16) {
    return all_panels_of_row(p, [&](std::size_t panel, auto& sums) { sum_row<Fp16>(p, panel, sums); });
  }
  all_panels_of_row(p, [&](std::size_t panel, auto& sums) { sum_row<float>(p, panel, sums); });
}

// A chunk of a panel as fp32 numbers, one row of columns for each k.
HWY_INLINE const float* widened(const Panels& right, const std::byte* panel, std::size_t k, std::size_t count,
                                float* memory) {
  if (right.precision == Precision::kFp32) return reinterpret_cast<const float*>(panel) + k * kPanelRows;
  for (std::size_t i = 0; i < count; ++i) {
    CONTINUO_UNROLL for (std::size_t c = 0; c < kPanelRows; c += kLanes) {
      if (right.precision == Precision::kFp16) {
        store(load(reinterpret_cast<const Fp16*>(panel) + (k + i) * kPanelRows + c), memory + i * kPanelRows + c);
      } else {
        const auto pairs = load_pairs(reinterpret_cast<const Bf16*>(panel) + (k + i) / 2 * 2 * kPanelRows + 2 * c);
        store(i % 2 == 0 ? first_of(pairs) : second_of(pairs), memory + i * kPanelRows + c);
      }
    }
  }
  return memory;
}

// A chunk of rows and what its products need.
struct RowChunk {
  const PanelProduct& p;
  std::size_t first, rows;
  float* sums;  // [kRowChunk, kPanelRows]
};

HWY_INLINE void finish_rows(const RowChunk& chunk, std::size_t panel) {
  for (std::size_t r = 0; r < chunk.rows; ++r) {
    CONTINUO_UNROLL for (std::size_t c = 0; c < kPanelRows; c += kLanes) {
      finish(chunk.p, chunk.first + r, panel * kPanelRows + c, load(chunk.sums + r * kPanelRows + c));
    }
  }
}

void float_rows(const PanelProduct& p) {
  Scratch scratch(product_scratch_bytes(p.right.precision, p.depth));
  auto* sums = scratch.take<float>(kRowChunk * kPanelRows);
  auto* wide = scratch.take<float>(kDepthChunk * kPanelRows);
  for (std::size_t first = 0; first < p.rows; first += kRowChunk) {
    const RowChunk chunk{p, first, std::min(kRowChunk, p.rows - first), sums};
    for (std::size_t panel = 0; panel < p.panels(); ++panel) {
      for (std::size_t k = 0; k < p.depth; k += kDepthChunk) {
        BlockProduct<float> block;
        block.depth = std::min(kDepthChunk, p.depth - k);
        block.row_stride = p.left.stride;
        block.right = widened(p.right, p.right.data + panel * p.right.stride, k, block.depth, wide);
        block.accumulate = k > 0;
        for (std::size_t r = 0; r < chunk.rows; r += kBlockRows) {
          block.rows = std::min(kBlockRows, chunk.rows - r);
          block.left = p.left.data + (first + r) * p.left.stride + k;
          block.out = sums + r * kPanelRows;
          vector_block_product(block);
        }
      }
      finish_rows(chunk, panel);
    }
  }
}

// By the CPU's own instruction, for which the left side is rounded as well.
void bf16_rows(const PanelProduct& p) {
  const Products<Bf16> product;
  const std::size_t depth = round_up(p.depth, 2);
  Scratch scratch(product_scratch_bytes(p.right.precision, p.depth));
  auto* sums = scratch.take<float>(kRowChunk * kPanelRows);
  auto* left = scratch.take<Bf16>(kRowChunk * depth);
  for (std::size_t first = 0; first < p.rows; first += kRowChunk) {
    const RowChunk chunk{p, first, std::min(kRowChunk, p.rows - first), sums};
    for (std::size_t r = 0; r < chunk.rows; ++r) {
      const float* from = p.left.data + (first + r) * p.left.stride;
      for (std::size_t k = 0; k < p.depth; k += kLanes) {
        store_up_to(load_up_to(from + k, p.depth - k), left + r * depth + k, p.depth - k);
      }
      if (depth > p.depth) left[r * depth + p.depth] = {};
    }
    for (std::size_t panel = 0; panel < p.panels(); ++panel) {
      BlockProduct<Bf16> block;
      block.rows = chunk.rows;
      block.depth = depth;
      block.left = left;
      block.row_stride = depth;
      block.right = reinterpret_cast<const Bf16*>(p.right.data + panel * p.right.stride);
      block.out = sums;
      product_by_blocks(product, block);
      finish_rows(chunk, panel);
    }
  }
}

// Rows of the left side as 16-bit numbers.
struct RoundedRows {
  std::size_t depth;      // even
  std::int16_t* numbers;  // [kRowChunk, depth]
  float* steps;           // [kRowChunk]
};

// Has one row's sums finished before the next row's begin. GCC otherwise forms all products first, for which there are too
// few registers, and keeps the sums in memory: that halves the speed on AVX2.
HWY_INLINE void keep_in_order([[maybe_unused]] Words& low, [[maybe_unused]] Words& high) {
#if defined(__GNUC__) && HWY_ARCH_X86
  asm("" : "+v"(low.raw), "+v"(high.raw));
#endif
}

template <std::size_t kRows>
HWY_NOINLINE void int8_tile(const RowChunk& chunk, const RoundedRows& left, std::size_t row, std::size_t panel,
                            std::size_t column) {
  const PanelProduct& p = chunk.p;
  const auto* right = reinterpret_cast<const std::int8_t*>(p.right.data + panel * p.right.stride) + column * 2;
  const std::int16_t* numbers = left.numbers + row * left.depth;
  Words low[kRows], high[kRows], low_rest[kRows], high_rest[kRows];
  CONTINUO_UNROLL for (std::size_t i = 0; i < kRows; ++i) {
    low[i] = high[i] = low_rest[i] = high_rest[i] = hn::Zero(kWordTag);
  }
  for (std::size_t k = 0; k < left.depth; k += 2) {
    const auto b0 = load_int8(right + k * kPanelRows), b1 = load_int8(right + k * kPanelRows + 2 * kLanes);
    CONTINUO_UNROLL for (std::size_t i = 0; i < kRows; ++i) {
      const auto a = pair_everywhere(numbers + i * left.depth + k);
      add_pairs(a, b0, low[i], low_rest[i]);
      add_pairs(a, b1, high[i], high_rest[i]);
      keep_in_order(low[i], high[i]);
    }
  }
  const std::size_t at = panel * kPanelRows + column;
  CONTINUO_UNROLL for (std::size_t i = 0; i < kRows; ++i) {
    const float step = left.steps[row + i];
    const std::size_t out_row = chunk.first + row + i;
    finish(p, out_row, at, scaled(p, at, sum_of_words(low[i], low_rest[i]), step));
    finish(p, out_row, at + kLanes, scaled(p, at + kLanes, sum_of_words(high[i], high_rest[i]), step));
  }
}

// The rows that do not fill a tile.
template <std::size_t kRows>
void int8_tile_of(std::size_t rows, const RowChunk& chunk, const RoundedRows& left, std::size_t row, std::size_t panel,
                  std::size_t column) {
  if (rows == kRows) return int8_tile<kRows>(chunk, left, row, panel, column);
  if constexpr (kRows > 1) int8_tile_of<kRows - 1>(rows, chunk, left, row, panel, column);
}

void int8_rows(const PanelProduct& p) {
  RoundedRows left{round_up(p.depth, 2), nullptr, nullptr};
  Scratch scratch(product_scratch_bytes(p.right.precision, p.depth));
  left.numbers = scratch.take<std::int16_t>(kRowChunk * left.depth);
  left.steps = scratch.take<float>(kRowChunk);
  for (std::size_t first = 0; first < p.rows; first += kRowChunk) {
    const RowChunk chunk{p, first, std::min(kRowChunk, p.rows - first), nullptr};
    for (std::size_t r = 0; r < chunk.rows; ++r) {
      const float* row = p.left.data + (first + r) * p.left.stride;
      const float inverse = inverse_step(row, p.depth);
      to_int16(row, p.depth, inverse, left.numbers + r * left.depth);
      left.steps[r] = step_of(inverse);
    }
    for (std::size_t panel = 0; panel < p.panels(); ++panel) {
      for (std::size_t column = 0; column < kPanelRows; column += kTileColumns) {
        std::size_t row = 0;
        for (; row + kTileRows <= chunk.rows; row += kTileRows) int8_tile<kTileRows>(chunk, left, row, panel, column);
        if (row < chunk.rows) int8_tile_of<kTileRows - 1>(chunk.rows - row, chunk, left, row, panel, column);
      }
    }
  }
}

void panel_product(const PanelProduct& p) noexcept {
  if (p.rows == 1) return single_row(p);
  if (p.right.precision == Precision::kInt8) return int8_rows(p);
  if (p.right.precision == Precision::kBf16 && active_bf16_dot() != nullptr) return bf16_rows(p);
  float_rows(p);
}

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
