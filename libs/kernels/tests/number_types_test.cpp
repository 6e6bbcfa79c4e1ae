#include "continuo/kernels/number_types.h"

#include <limits>

#include "continuo/kernels/precision.h"

#include "kernel_test.h"

namespace continuo::kernels {
namespace {

TEST(Fp16, EveryNumber_SurvivesTheWayThroughFp32) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const Fp16 number{static_cast<std::uint16_t>(bits)};
    const float wide = to_float(number);
    if ((bits & 0x7c00U) == 0x7c00U && (bits & 0x3ffU) != 0) {
      EXPECT_TRUE(std::isnan(wide) && std::isnan(to_float(to_fp16(wide)))) << bits;
    } else {
      EXPECT_EQ(to_fp16(wide), number) << bits;
    }
  }
}

// Between neighbours the nearer one, half-way the even one.
TEST(Fp16, RoundsToNearestEven) {
  for (std::uint16_t bits = 0; bits < 0x7bff; ++bits) {
    const Fp16 low{bits}, high{static_cast<std::uint16_t>(bits + 1)};
    const float a = to_float(low), b = to_float(high), middle = (a + b) / 2;
    ASSERT_EQ(to_fp16(middle), bits % 2 == 0 ? low : high) << bits;
    ASSERT_EQ(to_fp16(std::nextafter(middle, a)), low) << bits;
    ASSERT_EQ(to_fp16(std::nextafter(middle, b)), high) << bits;
  }
}

TEST(Fp16, BeyondTheLargest_IsInfinite) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(to_float(to_fp16(65504.0F)), 65504.0F);
  EXPECT_EQ(to_float(to_fp16(65519.99F)), 65504.0F);
  EXPECT_EQ(to_float(to_fp16(65520.0F)), infinity);
  EXPECT_EQ(to_float(to_fp16(-infinity)), -infinity);
}

TEST(Precision, NamesLeadBack) {
  for (const auto precision : {Precision::kFp32, Precision::kFp16, Precision::kBf16, Precision::kInt8}) {
    EXPECT_EQ(precision_from_name(to_string(precision)), precision);
  }
  EXPECT_EQ(precision_from_name("int4"), std::nullopt);
}

}  // namespace
}  // namespace continuo::kernels
