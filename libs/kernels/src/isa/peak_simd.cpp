// Loops of multiply-adds on registers in Highway's portable vectors, compiled once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isa/peak_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "isa/peak_table.h"
#include "isa/simd_targets.h"
#include "isa/vectors-inl.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

// Enough independent sums to hide the latency of a multiply-add on every processor known to us.
constexpr std::size_t kSums = 12;

HWY_INLINE void keep(Vec value) {
  HWY_ALIGN float lanes[kLanes];
  hn::Store(value, kTag, lanes);
  volatile float sink = lanes[0];
  static_cast<void>(sink);
}

// Different sums, or the compiler would find out that all are one.
template <std::size_t kCount>
HWY_INLINE void start_apart(Vec (&sums)[kCount]) {
  CONTINUO_UNROLL for (std::size_t i = 0; i < kCount; ++i) sums[i] = constant(static_cast<float>(i));
}

double fp32_loop(std::size_t rounds) {
  Vec sums[kSums];
  start_apart(sums);
  const Vec a = constant(1.0001F), b = constant(-0.0001F);
  for (std::size_t i = 0; i < rounds; ++i) {
    CONTINUO_UNROLL for (auto& sum : sums) sum = hn::MulAdd(sum, a, b);
  }
  CONTINUO_UNROLL for (auto& sum : sums) keep(sum);
  return 2.0 * static_cast<double>(rounds * kSums * kLanes);
}

// As the products of pairs do it: both numbers of a pair are widened and multiplied, the right-hand side's share of
// the widening spread over a tile's rows.
double widened_loop(std::size_t rounds) {
  constexpr std::size_t kHalf = kSums / 2;
  Vec sums[kHalf];
  start_apart(sums);
  auto pair = hn::Set(kBitsTag, 0x3f803f80U);
  const Vec b = constant(1.0F);
  for (std::size_t i = 0; i < rounds; ++i) {
    pair = hn::Xor(pair, hn::Set(kBitsTag, 0x80008000U));
    CONTINUO_UNROLL for (auto& sum : sums) {
      sum = hn::MulAdd(hn::BitCast(kTag, hn::ShiftLeft<16>(pair)), b, sum);
      sum = hn::MulAdd(hn::BitCast(kTag, hn::And(pair, hn::Set(kBitsTag, 0xffff0000U))), b, sum);
    }
  }
  CONTINUO_UNROLL for (auto& sum : sums) keep(sum);
  return 4.0 * static_cast<double>(rounds * kHalf * kLanes);
}

float read_loop(const float* numbers, std::size_t count) {
  constexpr std::size_t kAtOnce = 8;
  Vec sums[kAtOnce];
  CONTINUO_UNROLL for (Vec& sum : sums) sum = hn::Zero(kTag);
  for (std::size_t i = 0; i + kAtOnce * kLanes <= count; i += kAtOnce * kLanes) {
    CONTINUO_UNROLL for (std::size_t j = 0; j < kAtOnce; ++j) {
      sums[j] = hn::Add(sums[j], load(numbers + i + j * kLanes));
    }
  }
  Vec total = hn::Zero(kTag);
  CONTINUO_UNROLL for (const Vec& sum : sums) total = hn::Add(total, sum);
  return sum_of(total);
}

constexpr PeakTable kTable = {fp32_loop, widened_loop, read_loop};

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace continuo::kernels {

const PeakTable* simd_peak_table(Isa isa) {
  CONTINUO_RETURN_SIMD_TABLE(isa, kTable);
  return nullptr;
}

}  // namespace continuo::kernels
#endif
