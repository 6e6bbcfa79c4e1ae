// What all products with panels share: the walk through panels and what follows a sum.
#if defined(CONTINUO_KERNELS_PANELS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONTINUO_KERNELS_PANELS_INL_H_
#undef CONTINUO_KERNELS_PANELS_INL_H_
#else
#define CONTINUO_KERNELS_PANELS_INL_H_
#endif

#include <cstdint>

#include <hwy/cache_control.h>

#include "elementwise/functions-inl.h"
#include "isa/simd_targets.h"
#include "isa/vectors-inl.h"
#include "packed/panel_product.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

constexpr std::size_t kPanelVectors = kPanelRows / kLanes;
// Panels that a single row goes through side by side: enough sums to hide the latency of an addition.
constexpr std::size_t kSideBySide = kLanes >= 8 ? 2 : 1;

// What follows a sum: bias, activation, residual, and a store of what lies within the matrix.
HWY_INLINE void finish(const PanelProduct& p, std::size_t row, std::size_t column, Vec sum) {
  if (column >= p.columns) return;
  if (p.bias != nullptr) sum = hn::Add(sum, load(p.bias + column));
  sum = activated(p.activation, sum);
  const std::size_t left = p.columns - column;
  if (p.residual) sum = hn::Add(sum, load_up_to(p.residual.row(row) + column, left));
  store_up_to(sum, p.out.row(row) + column, left);
}

HWY_INLINE Vec load(const Fp16* from) {
  const hn::Rebind<hwy::float16_t, Tag> narrow;
  return hn::PromoteTo(kTag, hn::LoadU(narrow, reinterpret_cast<const hwy::float16_t*>(from)));
}

// kCount panels' sums of one row, vector by vector.
template <std::size_t kCount>
using Sums = Vec[kCount * kPanelVectors];

// Where the vectors of kCount panels begin.
template <typename Number, std::size_t kVectors>
HWY_INLINE void vectors_of(const PanelProduct& p, std::size_t panel, const Number* (&starts)[kVectors]) {
  CONTINUO_UNROLL for (std::size_t v = 0; v < kVectors; ++v) {
    const std::byte* data = p.right.data + (panel + v / kPanelVectors) * p.right.stride;
    starts[v] = reinterpret_cast<const Number*>(data) + v % kPanelVectors * kLanes * p.right.group;
  }
}

// The processor does not prefetch panels fast enough by itself: they are prefetched this many bytes ahead.
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

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif
