// Right-hand sides of BlockProduct: matrices as panels of 32 columns.
#if defined(CONTINUO_KERNELS_PACKING_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONTINUO_KERNELS_PACKING_INL_H_
#undef CONTINUO_KERNELS_PACKING_INL_H_
#else
#define CONTINUO_KERNELS_PACKING_INL_H_
#endif

#include <algorithm>

#include "isa/vectors-inl.h"
#include "matmul/block_product.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

// In what follows a word is what lies together along a sum: one fp32 number, or a pair of bf16. A vector holds kLanes.
template <typename Number>
constexpr std::size_t kNumbers = kLanes* kGroup<Number>;

HWY_INLINE void store_words(Vec words, float* to) { store(words, to); }
HWY_INLINE void store_words(Vec words, Bf16* to) {
  hn::StoreU(hn::BitCast(kBitsTag, words), kBitsTag, reinterpret_cast<std::uint32_t*>(to));
}

// A vector of columns as words: of one row of fp32, of two rows for bf16.
template <typename Number>
HWY_INLINE Vec words_of(Vec row, Vec next_row) {
  if constexpr (sizeof(Number) == sizeof(float)) return row;
  return hn::BitCast(kTag, hn::Or(low_bits(row), hn::ShiftLeft<16>(low_bits(next_row))));
}
template <typename Number>
HWY_INLINE void store_group(Vec row, Vec next_row, Number* to) {
  store_words(words_of<Number>(row, next_row), to);
}

// Words along the rows of a matrix: neighbours in one row.
template <typename Number, typename Source>
HWY_INLINE Vec row_words(const Source* from) {
  if constexpr (sizeof(Number) == sizeof(float)) {
    return load(from);
  } else if constexpr (sizeof(Source) == sizeof(Number)) {
    return hn::BitCast(kTag, load_pairs(from));
  } else {
    Vec first, second;
    hn::LoadInterleaved2(kTag, from, first, second);
    return words_of<Number>(first, second);
  }
}

// Those of the `count` numbers that are left in the row, and zeros.
template <typename Number, typename Source>
HWY_INLINE Vec row_words_up_to(const Source* from, std::size_t count) {
  if (count >= kNumbers<Number>) return row_words<Number>(from);
  HWY_ALIGN Source numbers[kNumbers<Number>] = {};
  std::copy_n(from, count, numbers);
  return row_words<Number>(numbers);
}

// Words along the columns, zeros beyond `rows` and `width`.
template <typename Number, typename Source>
HWY_INLINE Vec column_words(const Source* from, std::size_t stride, std::size_t rows, std::size_t width) {
  const bool has_next = kGroup<Number> == 2 && rows > 1;
  return words_of<Number>(load_up_to(from, width), has_next ? load_up_to(from + stride, width) : hn::Zero(kTag));
}

// Rows of X become a panel: [rows / group][32][group]. Columns and rows beyond the matrix are zero.
// Requires: `width` at most 32.
template <typename Number, typename Source>
void pack_panel(const Source* from, std::size_t stride, std::size_t rows, std::size_t width, Number* panel) {
  for (std::size_t r = 0; r < rows; r += kGroup<Number>) {
    for (std::size_t c = 0; c < kPanelRows; c += kLanes) {
      const Vec words = column_words<Number>(from + r * stride + c, stride, rows - r, width > c ? width - c : 0);
      store_words(words, panel + r * kPanelRows + c * kGroup<Number>);
    }
  }
}

// A square of words: rows become columns. Quarters of the square change places, then those of the quarters, down to
// the 4 x 4 within the blocks of a vector, which are shuffled.
HWY_INLINE void transpose(Vec (&rows)[kLanes]) {
  if constexpr (kLanes > 4) {
    CONTINUO_UNROLL for (std::size_t i = 0; i < kLanes / 2; ++i) {
      const Vec low = rows[i], high = rows[i + kLanes / 2];
      rows[i] = hn::ConcatLowerLower(kTag, high, low);
      rows[i + kLanes / 2] = hn::ConcatUpperUpper(kTag, high, low);
    }
  }
  if constexpr (kLanes > 8) {
    CONTINUO_UNROLL for (std::size_t i = 0; i < kLanes; ++i) {
      if (i / 4 % 2 == 1) continue;
      const Vec even = rows[i], odd = rows[i + 4];
      rows[i] = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(odd), even);
      rows[i + 4] = hn::OddEvenBlocks(odd, hn::SwapAdjacentBlocks(even));
    }
  }
  CONTINUO_UNROLL for (std::size_t i = 0; i < kLanes; i += 4) {
    const Vec a = hn::InterleaveLower(kTag, rows[i], rows[i + 2]), b = hn::InterleaveUpper(kTag, rows[i], rows[i + 2]);
    const Vec c = hn::InterleaveLower(kTag, rows[i + 1], rows[i + 3]);
    const Vec d = hn::InterleaveUpper(kTag, rows[i + 1], rows[i + 3]);
    rows[i] = hn::InterleaveLower(kTag, a, c);
    rows[i + 1] = hn::InterleaveUpper(kTag, a, c);
    rows[i + 2] = hn::InterleaveLower(kTag, b, d);
    rows[i + 3] = hn::InterleaveUpper(kTag, b, d);
  }
}

// kLanes columns of a panel from a vector of each of their rows. kWhole: neither end is near.
template <bool kWhole, typename Number, typename Source>
HWY_INLINE void pack_square(const Source* from, std::size_t stride, std::size_t columns, std::size_t depth,
                            Number* panel) {
  Vec words[kLanes];
  CONTINUO_UNROLL for (std::size_t i = 0; i < kLanes; ++i) {
    if constexpr (kWhole) {
      words[i] = row_words<Number>(from + i * stride);
    } else {
      words[i] = i < columns ? row_words_up_to<Number>(from + i * stride, depth) : hn::Zero(kTag);
    }
  }
  transpose(words);
  CONTINUO_UNROLL for (std::size_t i = 0; i < kLanes; ++i) {
    if (kWhole || i * kGroup<Number> < depth) store_words(words[i], panel + i * kPanelRows * kGroup<Number>);
  }
}

// Rows of X become columns of panels: depth k of column c is X[c][k]. Requires: `columns` at most 32.
template <typename Number, typename Source>
void pack_panel_transposed(const Source* from, std::size_t stride, std::size_t columns, std::size_t depth,
                           Number* panel) {
  // A cache line of each row, as long as it is in the cache.
  constexpr std::size_t kLine = std::max<std::size_t>(16, kNumbers<Number>);
  for (std::size_t start = 0; start < depth; start += kLine) {
    const std::size_t end = std::min(depth, start + kLine);
    for (std::size_t c = 0; c < kPanelRows; c += kLanes) {
      for (std::size_t k = start; k < end; k += kNumbers<Number>) {
        const Source* square = from + c * stride + k;
        Number* to = panel + k * kPanelRows + c * kGroup<Number>;
        if (c + kLanes <= columns && k + kNumbers<Number> <= depth) {
          pack_square<true>(square, stride, kLanes, kNumbers<Number>, to);
        } else {
          pack_square<false>(square, stride, columns > c ? columns - c : 0, depth - k, to);
        }
      }
    }
  }
}

// The transpose of X [rows, width], in rows of a multiple of kNumbers. Rows are filled up with zeros, and so are the
// columns: the result has a multiple of kLanes rows.
template <typename Number>
void transpose_rows(const Number* from, std::size_t stride, std::size_t rows, std::size_t width, Number* out,
                    std::size_t out_stride) {
  for (std::size_t r = 0; r < rows; r += kNumbers<Number>) {
    for (std::size_t c = 0; c < width; c += kLanes) {
      Vec words[kLanes];
      CONTINUO_UNROLL for (std::size_t i = 0; i < kLanes; ++i) {
        const std::size_t row = r + i * kGroup<Number>;
        words[i] =
            row < rows ? column_words<Number>(from + row * stride + c, stride, rows - row, width - c) : hn::Zero(kTag);
      }
      transpose(words);
      CONTINUO_UNROLL for (std::size_t i = 0; i < kLanes; ++i) store_words(words[i], out + (c + i) * out_stride + r);
    }
  }
}

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif
