// Products with panels, for playing: one row at the speed of memory, many rows at that of arithmetic. Compiled once for
// each instruction set. Each output is one sum that grows in the order of the depth, whatever the number of rows.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "packed/panel_product_simd.cpp"
#include <algorithm>
#include <cstdint>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "isa/simd_targets.h"
#include "isa/vectors-inl.h"
#include "matmul/block_product-inl.h"
#include "memory/scratch.h"
#include "packed/left_side-inl.h"
#include "packed/panel_product.h"
#include "packed/panels-inl.h"
#include "packed/product_scratch.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

template <typename Number, std::size_t kVectors>
HWY_INLINE void add_products(Vec left, const Number* const (&right)[kVectors], std::size_t offset,
                             Vec (&sums)[kVectors]) {
  CONTINUO_UNROLL for (std::size_t v = 0; v < kVectors; ++v) {
    sums[v] = hn::MulAdd(left, load(right[v] + offset), sums[v]);
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

HWY_NOINLINE void single_row(const PanelProduct& p) {
  switch (p.right.precision) {
    case Precision::kFp32:
      return all_panels_of_row(p, [&](std::size_t panel, auto& sums) { sum_row<float>(p, panel, sums); });
    case Precision::kFp16:
      return all_panels_of_row(p, [&](std::size_t panel, auto& sums) { sum_row<Fp16>(p, panel, sums); });
    case Precision::kBf16:
      return all_panels_of_row(p, [&](std::size_t panel, auto& sums) { sum_pairs(p, panel, sums); });
    case Precision::kInt8:
      return;  // int8_product_simd.cpp
  }
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
          block.left = p.left.row(first + r) + k;
          block.out = sums + r * kPanelRows;
          vector_block_product(block);
        }
      }
      finish_rows(chunk, panel);
    }
  }
}

// Panels whose sums are finished together, for one row and for a few.
constexpr std::size_t kPanelGroup = 16, kFewRowsGroup = 8;

// Sums of some rows and panels from `panel` on.
HWY_INLINE void finish_group(const PanelProduct& p, const FewRowsProduct& product, std::size_t panel) {
  for (std::size_t r = 0; r < product.rows; ++r) {
    for (std::size_t column = 0; column < product.panels * kPanelRows; column += kLanes) {
      finish(p, r, panel * kPanelRows + column, load(product.out + r * product.out_stride + column));
    }
  }
}

// The panels from `panel` on, `count` at most.
HWY_INLINE FewRowsProduct panel_group(const PanelProduct& p, std::size_t panel, std::size_t count, float* sums) {
  FewRowsProduct product;
  product.rows = p.rows;
  product.right = p.right.data + panel * p.right.stride;
  product.right_stride = p.right.stride;
  product.panels = std::min(count, p.panels() - panel);
  product.out = sums;
  product.out_stride = count * kPanelRows;
  return product;
}

// One row by the CPU's own instruction.
HWY_NOINLINE void bf16_row(const PanelProduct& p, const Bf16Dot& dot) {
  OnlyRow row(p, LeftForm::kBf16);
  alignas(64) float sums[kPanelGroup * kPanelRows];
  if (dot.begin_few != nullptr) dot.begin_few(1);
  for (std::size_t panel = 0; panel < p.panels(); panel += kPanelGroup) {
    FewRowsProduct product = panel_group(p, panel, kPanelGroup, sums);
    for (std::size_t k = 0; k < p.depth; k += product.depth, product.accumulate = true) {
      const LeftPart part = row.part(k);
      product.depth = round_up(part.count, 2);
      product.left = reinterpret_cast<const Bf16*>(part.numbers);
      dot.few_rows(product);
      product.right += product.depth * kPanelRows * sizeof(Bf16);
    }
    finish_group(p, product, panel);
  }
  if (dot.end != nullptr) dot.end();
}

HWY_NOINLINE void bf16_few_rows(const PanelProduct& p, const Bf16Dot& dot) {
  static_assert(kFewRowsGroup * 16 <= kRowChunk);
  Scratch scratch(product_scratch_bytes(p.right.precision, p.depth));
  auto* sums = scratch.take<float>(kRowChunk * kPanelRows);
  auto* memory = scratch.take<std::byte>(kRowChunk * left_row_bytes(p.depth));
  const std::byte* left = converted_rows(p, LeftForm::kBf16, 0, p.rows, memory);
  if (dot.begin_few != nullptr) dot.begin_few(p.rows);
  for (std::size_t panel = 0; panel < p.panels(); panel += kFewRowsGroup) {
    FewRowsProduct product = panel_group(p, panel, kFewRowsGroup, sums);
    product.depth = round_up(p.depth, 2);
    product.left = reinterpret_cast<const Bf16*>(left);
    product.row_stride = left_row_bytes(p.depth) / sizeof(Bf16);
    dot.few_rows(product);
    finish_group(p, product, panel);
  }
  if (dot.end != nullptr) dot.end();
}

// Many rows by the CPU's own instruction.
void bf16_rows(const PanelProduct& p) {
  const Products<Bf16> product;
  Scratch scratch(product_scratch_bytes(p.right.precision, p.depth));
  auto* sums = scratch.take<float>(kRowChunk * kPanelRows);
  auto* memory = scratch.take<std::byte>(kRowChunk * left_row_bytes(p.depth));
  for (std::size_t first = 0; first < p.rows; first += kRowChunk) {
    const RowChunk chunk{p, first, std::min(kRowChunk, p.rows - first), sums};
    const std::byte* left = converted_rows(p, LeftForm::kBf16, first, chunk.rows, memory);
    for (std::size_t panel = 0; panel < p.panels(); ++panel) {
      BlockProduct<Bf16> block;
      block.rows = chunk.rows;
      block.depth = round_up(p.depth, 2);
      block.left = reinterpret_cast<const Bf16*>(left);
      block.row_stride = left_row_bytes(p.depth) / sizeof(Bf16);
      block.right = reinterpret_cast<const Bf16*>(p.right.data + panel * p.right.stride);
      block.out = sums;
      product_by_blocks(product, block);
      finish_rows(chunk, panel);
    }
  }
}

void int8_product(const PanelProduct& p) noexcept;  // int8_product_simd.cpp

void panel_product(const PanelProduct& p) noexcept {
  if (p.right.precision == Precision::kInt8) return int8_product(p);
  if (left_form(p.right.precision) == LeftForm::kBf16) {
    const Bf16Dot& dot = *active_bf16_dot();
    if (p.rows == 1) return bf16_row(p, dot);
    if (p.rows <= dot.most_rows) return bf16_few_rows(p, dot);
    return bf16_rows(p);
  }
  if (p.rows == 1) return single_row(p);
  float_rows(p);
}

void prepare_row(LeftForm form, const float* from, std::size_t depth, std::byte* row) noexcept {
  convert_row(form, from, depth, row);
}

constexpr PanelTable kPanelTable = {panel_product, prepare_row};

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace continuo::kernels {

const PanelTable* simd_panel_table(Isa isa) {
  CONTINUO_RETURN_SIMD_TABLE(isa, kPanelTable);
  return nullptr;
}

}  // namespace continuo::kernels
#endif
