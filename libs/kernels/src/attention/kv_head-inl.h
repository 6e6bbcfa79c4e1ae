// Blocks of queries and keys: how heads are packed as operands of products, and which keys a query attends to.
#if defined(CONTINUO_KERNELS_KV_HEAD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONTINUO_KERNELS_KV_HEAD_INL_H_
#undef CONTINUO_KERNELS_KV_HEAD_INL_H_
#else
#define CONTINUO_KERNELS_KV_HEAD_INL_H_
#endif

#include <algorithm>

#include "attention/attention_table.h"
#include "elementwise/functions-inl.h"
#include "isa/simd_targets.h"
#include "isa/vectors-inl.h"
#include "matmul/block_product-inl.h"
#include "matmul/packing-inl.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

constexpr std::size_t kKeyBlock = 256;  // keys whose scores exist at the same time
constexpr float kMasked = -1e30F;

// One head of keys and values of one sequence, with what the queries that share it need to know. A piece of work.
template <typename Number>
struct KvHead {
  const AttentionInputs<Number>& in;
  const Products<Number>& product;
  std::size_t batch, index;

  std::size_t width() const { return in.shape.head_width; }
  std::size_t padded_width() const { return round_up(width(), kPanelRows); }
  std::size_t keys() const { return in.shape.keys; }
  std::size_t padded_keys() const { return round_up(keys(), kPanelRows); }
  std::size_t context_keys() const { return keys() - in.shape.queries; }  // keys before the first query's own
  const Number* key(std::size_t at) const { return in.keys.row(batch * keys() + at) + index * width(); }
  const Number* value(std::size_t at) const { return in.values.row(batch * keys() + at) + index * width(); }
  const std::uint8_t* masked_keys() const {
    return in.masked_keys == nullptr ? nullptr : in.masked_keys + batch * keys();
  }
};

// A block of queries of one head.
struct QueryBlock {
  std::size_t head, first, rows;
};

// Heads as right-hand sides of products. Across: the columns of a panel are 32 keys, and sums go over features. Along:
// the columns are 32 features, and sums go over keys.
template <typename Number>
void pack_across(const Number* rows, std::size_t stride, std::size_t count, std::size_t width, Number* packed) {
  const std::size_t depth = round_up(width, kGroup<Number>);
  for (std::size_t first = 0; first < count; first += kPanelRows) {
    pack_panel_transposed(rows + first * stride, stride, std::min(kPanelRows, count - first), width,
                          packed + first * depth);
  }
}
template <typename Number>
void pack_along(const Number* rows, std::size_t stride, std::size_t count, std::size_t width, Number* packed) {
  const std::size_t padded = round_up(count, kPanelRows);
  for (std::size_t first = 0; first < width; first += kPanelRows) {
    Number* panel = packed + first * padded;
    pack_panel(rows + first, stride, count, std::min(kPanelRows, width - first), panel);
    const std::size_t filled = round_up(count, kGroup<Number>);
    std::fill(panel + filled * kPanelRows, panel + padded * kPanelRows, Number{});
  }
}

// out [rows, keys of the block] = left [rows, width] across'
template <typename Number>
HWY_INLINE void products_across(const Products<Number>& product, Matrix<const Number> left, std::size_t rows,
                                std::size_t width, const Number* across, std::size_t keys, Matrix<float> out) {
  BlockProduct<Number> p;
  p.rows = rows;
  p.depth = round_up(width, kGroup<Number>);
  p.left = left.data;
  p.row_stride = left.stride;
  p.out_stride = out.stride;
  for (std::size_t key = 0; key < keys; key += kPanelRows) {
    p.right = across + key * p.depth;
    p.out = out.data + key;
    product(p);
  }
}

// out [rows, width] += left [rows, depth] along[first..first + depth]
template <typename Number>
HWY_INLINE void add_products_along(const Products<Number>& product, BlockProduct<Number> p, const Number* along,
                                   std::size_t padded_count, std::size_t first, std::size_t width, float* out) {
  p.out_stride = round_up(width, kPanelRows);
  p.accumulate = true;
  for (std::size_t feature = 0; feature < width; feature += kPanelRows) {
    p.right = along + feature * padded_count + first * kPanelRows;
    p.out = out + feature;
    product(p);
  }
}

// Sets the scores that the query at `position` does not attend to, of `keys` keys from `first` on filled up to
// `padded`, to kMasked.
template <typename Number>
HWY_INLINE void mask_scores(const KvHead<Number>& kv, std::size_t position, std::size_t first, std::size_t keys,
                            std::size_t padded, float* scores) {
  const Range visible = visible_keys(kv.in.shape, position, first, keys);
  std::fill(scores, scores + visible.begin, kMasked);
  std::fill(scores + std::max(visible.begin, visible.end), scores + padded, kMasked);
  if (kv.masked_keys() == nullptr) return;
  for (std::size_t key = visible.begin; key < visible.end; ++key) {
    if (kv.masked_keys()[first + key] != 0) scores[key] = kMasked;
  }
}

// exp(scores * factor - offset), and 0 for masked keys.
HWY_INLINE Vec weight_of(Vec scores, Vec factor, Vec offset) {
  const Vec weights = exp_of(hn::MulSub(scores, factor, offset));
  return hn::IfThenZeroElse(hn::Lt(scores, constant(0.5F * kMasked)), weights);
}

// Of a matrix of heads, the columns of one head from a row on.
template <typename Number>
HWY_INLINE Matrix<Number> head_of(Matrix<Number> heads, std::size_t row, std::size_t head, std::size_t width) {
  return {heads.row(row) + head * width, heads.stride};
}

// The keys that any query of a block attends to, from a multiple of the panel's width on.
template <typename Number>
Range keys_of_block(const KvHead<Number>& kv, const QueryBlock& block) {
  const std::size_t position = kv.context_keys() + block.first;
  const Range first = visible_keys(kv.in.shape, position, 0, kv.keys());
  const Range last = visible_keys(kv.in.shape, position + block.rows - 1, 0, kv.keys());
  return {first.begin / kPanelRows * kPanelRows, last.end};
}

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif
