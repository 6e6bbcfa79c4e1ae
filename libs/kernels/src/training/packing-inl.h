// Right-hand sides of BlockProduct: matrices as panels of 32 columns.
#if defined(CONTINUO_KERNELS_PACKING_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONTINUO_KERNELS_PACKING_INL_H_
#undef CONTINUO_KERNELS_PACKING_INL_H_
#else
#define CONTINUO_KERNELS_PACKING_INL_H_
#endif

#include <algorithm>

#include "../vectors-inl.h"
#include "block_product.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

// Stores one step of a group along the depth: a vector of columns of one row of fp32, of two rows of bf16. The
// addressed columns lie side by side.
HWY_INLINE void store_group(Vec row, Vec /*none*/, float* to) { store(row, to); }
HWY_INLINE void store_group(Vec row, Vec next_row, Bf16* to) {
  const auto words = hn::Or(low_bits(row), hn::ShiftLeft<16>(low_bits(next_row)));
  hn::StoreU(words, kBitsTag, reinterpret_cast<std::uint32_t*>(to));
}

// Rows of X become a panel: [rows / group][32][group]. Columns and rows beyond the matrix are zero.
// Requires: `width` at most 32.
template <typename Number, typename Source>
void pack_panel(const Source* from, std::size_t stride, std::size_t rows, std::size_t width, Number* panel) {
  constexpr std::size_t kStep = kGroup<Number>;
  for (std::size_t r = 0; r < rows; r += kStep) {
    const Source* source = from + r * stride;
    const bool has_next = kStep == 2 && r + 1 < rows;
    for (std::size_t c = 0; c < kPanelRows; c += kLanes) {
      const std::size_t count = width > c ? width - c : 0;
      const Vec row = load_up_to(source + c, count);
      const Vec next = has_next ? load_up_to(source + stride + c, count) : hn::Zero(kTag);
      store_group(row, next, panel + (r * kPanelRows + c * kStep));
    }
  }
}

// Rows of X become columns of panels: depth k of column c is X[c][k]. Requires: `columns` at most 32.
template <typename Number, typename Source>
void pack_panel_transposed(const Source* from, std::size_t stride, std::size_t columns, std::size_t depth,
                           Number* panel) {
  constexpr std::size_t kStep = kGroup<Number>, kBlock = 16;
  const std::size_t padded = round_up(depth, kStep);
  for (std::size_t start = 0; start < padded; start += kBlock) {
    const std::size_t end = std::min(padded, start + kBlock);
    for (std::size_t c = 0; c < kPanelRows; ++c) {
      for (std::size_t k = start; k < end; ++k) {
        panel[(k / kStep * kPanelRows + c) * kStep + k % kStep] =
            number_from<Number>(c < columns && k < depth ? to_float(from[c * stride + k]) : 0.0F);
      }
    }
  }
}

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif
