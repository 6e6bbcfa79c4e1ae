// BlockProduct for the instruction set that is being compiled.
#if defined(CONTINUO_KERNELS_BLOCK_PRODUCT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONTINUO_KERNELS_BLOCK_PRODUCT_INL_H_
#undef CONTINUO_KERNELS_BLOCK_PRODUCT_INL_H_
#else
#define CONTINUO_KERNELS_BLOCK_PRODUCT_INL_H_
#endif

#include <algorithm>
#include <cstring>

#include "isa/vectors-inl.h"
#include "matmul/bf16_dot.h"
#include "matmul/block_product.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

// Rows of a register tile, whose width is two vectors: as many accumulators as leave registers for the operands.
constexpr std::size_t kTileRows = kLanes == 16 ? 12 : 6;
constexpr std::size_t kTileColumns = 2 * kLanes;

// The sums of a tile of kRows rows and two vectors.
template <std::size_t kRows>
struct Tile {
  Vec low[kRows], high[kRows];
};

template <std::size_t kRows>
HWY_INLINE void start(Tile<kRows>& tile, const float* out, std::size_t stride, bool accumulate) {
  CONTINUO_UNROLL for (std::size_t i = 0; i < kRows; ++i) {
    tile.low[i] = accumulate ? load(out + i * stride) : hn::Zero(kTag);
    tile.high[i] = accumulate ? load(out + i * stride + kLanes) : hn::Zero(kTag);
  }
}

template <std::size_t kRows>
HWY_INLINE void finish(const Tile<kRows>& tile, float* out, std::size_t stride) {
  CONTINUO_UNROLL for (std::size_t i = 0; i < kRows; ++i) {
    store(tile.low[i], out + i * stride);
    store(tile.high[i], out + i * stride + kLanes);
  }
}

template <std::size_t kRows>
HWY_INLINE void multiply(Tile<kRows>& tile, const BlockProduct<float>& p, const float* left, const float* right) {
  const std::size_t row_stride = p.row_stride, step = p.step;
  for (std::size_t k = 0; k < p.depth; ++k, left += step, right += kPanelRows) {
    const Vec b0 = load(right), b1 = load(right + kLanes);
    CONTINUO_UNROLL for (std::size_t i = 0; i < kRows; ++i) {
      const Vec a = constant(left[i * row_stride]);
      tile.low[i] = hn::MulAdd(a, b0, tile.low[i]);
      tile.high[i] = hn::MulAdd(a, b1, tile.high[i]);
    }
  }
}

// A pair of bf16 in one word, widened to fp32: the first is the lower half.
HWY_INLINE Vec first_of(hn::Vec<BitsTag> pair) { return hn::BitCast(kTag, hn::ShiftLeft<16>(pair)); }
HWY_INLINE Vec second_of(hn::Vec<BitsTag> pair) {
  return hn::BitCast(kTag, hn::And(pair, hn::Set(kBitsTag, 0xffff0000U)));
}

HWY_INLINE hn::Vec<BitsTag> pair_everywhere(const Bf16* from) {
  std::uint32_t word;
  std::memcpy(&word, from, sizeof word);
  return hn::Set(kBitsTag, word);
}

// Pairs are widened in registers and multiplied as fp32: for CPUs whose bf16 dot product is missing or slower.
template <std::size_t kRows>
HWY_INLINE void multiply(Tile<kRows>& tile, const BlockProduct<Bf16>& p, const Bf16* left, const Bf16* right) {
  for (std::size_t k = 0; k < p.depth; k += 2, left += p.step, right += 2 * kPanelRows) {
    const auto b0 = load_pairs(right), b1 = load_pairs(right + 2 * kLanes);
    CONTINUO_UNROLL for (std::size_t i = 0; i < kRows; ++i) {
      const auto a = pair_everywhere(left + i * p.row_stride);
      tile.low[i] = hn::MulAdd(first_of(a), first_of(b0), tile.low[i]);
      tile.high[i] = hn::MulAdd(first_of(a), first_of(b1), tile.high[i]);
      tile.low[i] = hn::MulAdd(second_of(a), second_of(b0), tile.low[i]);
      tile.high[i] = hn::MulAdd(second_of(a), second_of(b1), tile.high[i]);
    }
  }
}

template <std::size_t kRows, typename Number>
HWY_NOINLINE void tile_product(const BlockProduct<Number>& p, std::size_t row, std::size_t column) {
  Tile<kRows> tile;
  float* out = p.out + row * p.out_stride + column;
  start(tile, out, p.out_stride, p.accumulate);
  multiply(tile, p, p.left + row * p.row_stride, p.right + column * kGroup<Number>);
  finish(tile, out, p.out_stride);
}

// The rows that do not fill a tile.
template <std::size_t kRows, typename Number>
void tile_product_of(std::size_t rows, const BlockProduct<Number>& p, std::size_t row, std::size_t column) {
  if (rows == kRows) return tile_product<kRows>(p, row, column);
  if constexpr (kRows > 1) tile_product_of<kRows - 1>(rows, p, row, column);
}

// Sums in the registers of this instruction set.
template <typename Number>
HWY_INLINE void vector_block_product(const BlockProduct<Number>& p) {
  for (std::size_t column = 0; column < kPanelRows; column += kTileColumns) {
    std::size_t row = 0;
    for (; row + kTileRows <= p.rows; row += kTileRows) tile_product<kTileRows>(p, row, column);
    if (row < p.rows) tile_product_of<kTileRows - 1>(p.rows - row, p, row, column);
  }
}

// Products of one call on one thread: by the CPU's instruction for bf16, where it has one.
template <typename Number>
class Products {
 public:
  void operator()(const BlockProduct<Number>& p) const { vector_block_product(p); }
};

template <>
class Products<Bf16> {
 public:
  Products() : dot_(active_bf16_dot()) {
    if (dot_ != nullptr && dot_->begin != nullptr) dot_->begin();
  }
  ~Products() {
    if (dot_ != nullptr && dot_->end != nullptr) dot_->end();
  }
  Products(const Products&) = delete;
  Products& operator=(const Products&) = delete;

  void operator()(const BlockProduct<Bf16>& p) const {
    if (dot_ != nullptr) return dot_->product(p);
    vector_block_product(p);
  }

 private:
  const Bf16Dot* dot_;
};

// A product of any number of rows and any depth. A chunk of the panel serves all rows before the next one is read.
template <typename Number>
HWY_INLINE void product_by_blocks(const Products<Number>& product, const BlockProduct<Number>& whole) {
  for (std::size_t k = 0; k < whole.depth; k += kDepthChunk) {
    for (std::size_t r = 0; r < whole.rows; r += kBlockRows) {
      BlockProduct<Number> p = whole;
      p.rows = std::min(kBlockRows, whole.rows - r);
      p.depth = std::min(kDepthChunk, whole.depth - k);
      p.left += r * whole.row_stride + k / kGroup<Number> * whole.step;
      p.right += k * kPanelRows;
      p.out += r * whole.out_stride;
      p.accumulate = whole.accumulate || k > 0;
      product(p);
    }
  }
}

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif
