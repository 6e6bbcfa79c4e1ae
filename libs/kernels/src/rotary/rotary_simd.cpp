// Rotary positions in Highway's portable vectors, compiled once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rotary/rotary_simd.cpp"

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "isa/simd_targets.h"
#include "isa/vectors-inl.h"
#include "rotary/rotation_table.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

// Rotates a vector of pairs by their angles.
template <typename Number>
HWY_INLINE void rotate_pairs(Number* first, Number* second, Vec cosine, Vec sine, std::size_t count) {
  const Vec x = load_up_to(first, count), y = load_up_to(second, count);
  store_up_to(hn::NegMulAdd(y, sine, hn::Mul(x, cosine)), first, count);
  store_up_to(hn::MulAdd(x, sine, hn::Mul(y, cosine)), second, count);
}

template <typename Number>
void rotate_rows(const Rotation<Number>& c, std::size_t begin, std::size_t end) {
  const std::size_t half = c.table->rotated / 2;
  for (std::size_t row = begin; row < end; ++row) {
    const std::size_t angles = (row % c.time + c.offset) * half;
    for (std::size_t i = 0; i < half; i += kLanes) {
      const std::size_t count = half - i;
      const Vec cosine = load_up_to(c.table->cosines.data() + angles + i, count);
      Vec sine = load_up_to(c.table->sines.data() + angles + i, count);
      if (c.inverse) sine = hn::Neg(sine);
      Number* x = c.vectors.row(row) + i;
      for (std::size_t head = 0; head < c.heads; ++head, x += c.head_width)
        rotate_pairs(x, x + half, cosine, sine, count);
    }
  }
}

template <typename Number>
constexpr RotationTable<Number> kRotationTable = {rotate_rows<Number>};

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace continuo::kernels {

CONTINUO_SIMD_TABLES_OF_NUMBERS(RotationTable, simd_rotation_table, kRotationTable)

}  // namespace continuo::kernels
#endif
