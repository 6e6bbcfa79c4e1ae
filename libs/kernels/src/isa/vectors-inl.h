// Vectors of the instruction set that is being compiled: loads and stores of every number type. Included once per
// instruction set, by sources that Highway compiles repeatedly.
#if defined(CONTINUO_KERNELS_VECTORS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONTINUO_KERNELS_VECTORS_INL_H_
#undef CONTINUO_KERNELS_VECTORS_INL_H_
#else
#define CONTINUO_KERNELS_VECTORS_INL_H_
#endif

#include <hwy/highway.h>

#include "continuo/kernels/number_types.h"

#include "isa/simd_targets.h"

#define CONTINUO_UNROLL _Pragma("GCC unroll 16")

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::CappedTag<float, 16>;
using Vec = hn::Vec<Tag>;
using BitsTag = hn::RebindToUnsigned<Tag>;
constexpr Tag kTag;
constexpr BitsTag kBitsTag;
constexpr std::size_t kLanes = hn::MaxLanes(Tag());

HWY_INLINE Vec constant(float value) { return hn::Set(kTag, value); }

HWY_INLINE Vec load(const float* from) { return hn::LoadU(kTag, from); }
HWY_INLINE void store(Vec value, float* to) { hn::StoreU(value, kTag, to); }

HWY_INLINE Vec load(const Bf16* from) {
  const hn::Rebind<std::uint16_t, Tag> narrow;
  const auto bits = hn::LoadU(narrow, reinterpret_cast<const std::uint16_t*>(from));
  return hn::BitCast(kTag, hn::ShiftLeft<16>(hn::PromoteTo(kBitsTag, bits)));
}

// Pairs of bf16, each in one word: the first is the lower half.
HWY_INLINE hn::Vec<BitsTag> load_pairs(const Bf16* from) {
  const hn::Repartition<std::uint16_t, BitsTag> halves;
  return hn::BitCast(kBitsTag, hn::LoadU(halves, reinterpret_cast<const std::uint16_t*>(from)));
}

// The bits of numbers as bf16, each in the lower half of a word; rounded as to_bf16 does.
HWY_INLINE hn::Vec<BitsTag> low_bits(Vec value) {
  const auto bits = hn::BitCast(kBitsTag, value);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(kBitsTag, 1));
  return hn::ShiftRight<16>(hn::Add(bits, hn::Add(odd, hn::Set(kBitsTag, 0x7fff))));
}

HWY_INLINE void store(Vec value, Bf16* to) {
  const hn::Rebind<std::uint16_t, Tag> narrow;
  hn::StoreU(hn::TruncateTo(narrow, low_bits(value)), narrow, reinterpret_cast<std::uint16_t*>(to));
}

// The numbers that are left at the end of a row; the other lanes hold `rest`.
template <typename Number>
HWY_INLINE Vec load_part(const Number* from, std::size_t count, float rest) {
  HWY_ALIGN float lanes[kLanes];
  for (std::size_t i = 0; i < kLanes; ++i) lanes[i] = i < count ? to_float(from[i]) : rest;
  return hn::Load(kTag, lanes);
}

template <typename Number>
HWY_INLINE void store_part(Vec value, Number* to, std::size_t count) {
  HWY_ALIGN float lanes[kLanes];
  hn::Store(value, kTag, lanes);
  for (std::size_t i = 0; i < count; ++i) to[i] = number_from<Number>(lanes[i]);
}

// Up to a vector of numbers.
template <typename Number>
HWY_INLINE Vec load_up_to(const Number* from, std::size_t count, float rest = 0.0F) {
  return count >= kLanes ? load(from) : load_part(from, count, rest);
}
template <typename Number>
HWY_INLINE void store_up_to(Vec value, Number* to, std::size_t count) {
  if (count >= kLanes) {
    store(value, to);
  } else {
    store_part(value, to, count);
  }
}

HWY_INLINE float sum_of(Vec value) { return hn::GetLane(hn::SumOfLanes(kTag, value)); }
HWY_INLINE float max_of(Vec value) { return hn::GetLane(hn::MaxOfLanes(kTag, value)); }

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif
