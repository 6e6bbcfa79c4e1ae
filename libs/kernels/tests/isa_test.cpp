#include "continuo/kernels/isa.h"

#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

#include "continuo/kernels/peak.h"

#include "isa/peak_table.h"
#include "matmul/bf16_dot.h"

namespace continuo::kernels {
namespace {

// Only those that multiply bf16 themselves may be passed over.
bool is_fastest(Isa isa) {
  auto available = available_isas();
  while (available.back() != isa && bf16_dot(available.back()) != nullptr) available.pop_back();
  return available.back() == isa;
}

TEST(Isa, Names_GoBothWays) {
  for (const Isa isa : {Isa::kScalar, Isa::kSse4, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Bf16, Isa::kAmx, Isa::kNeon}) {
    EXPECT_EQ(isa_from_name(to_string(isa)), isa);
  }
  EXPECT_FALSE(isa_from_name("abacus").has_value());
  EXPECT_FALSE(isa_from_name("").has_value());
}

TEST(Isa, AMistypedRequestIsRefused) {
  const char* before = std::getenv("CONTINUO_ISA");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("CONTINUO_ISA", "avx-512", 1);
  const Status refused = check_requested_isa();
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().what.find("'avx-512' (known: scalar, sse4, "), std::string::npos) << refused.error().what;
  for (const char* known : {"scalar", "amx", "neon"}) {
    ::setenv("CONTINUO_ISA", known, 1);
    EXPECT_TRUE(check_requested_isa().ok()) << known;
  }
  ::unsetenv("CONTINUO_ISA");
  EXPECT_TRUE(check_requested_isa().ok());
  if (before != nullptr) ::setenv("CONTINUO_ISA", kept.c_str(), 1);
}

TEST(Isa, Scalar_IsAlwaysThere) {
  const auto available = available_isas();
  EXPECT_EQ(available.front(), Isa::kScalar);
  EXPECT_NE(std::find(available.begin(), available.end(), active_isa()), available.end());
}

TEST(Isa, UseIsa_SwitchesOnlyToWhatIsThere) {
  const Isa before = active_isa();
  ASSERT_TRUE(use_isa(Isa::kScalar));
  EXPECT_EQ(isa_name(), "scalar");
  const auto available = available_isas();
  for (const Isa isa : {Isa::kSse4, Isa::kAvx2, Isa::kAvx512, Isa::kNeon}) {
    const bool there = std::find(available.begin(), available.end(), isa) != available.end();
    EXPECT_EQ(use_isa(isa), there);
    if (there) {
      EXPECT_EQ(active_isa(), isa);
    }
  }
  EXPECT_TRUE(use_isa(before));
}

TEST(Peak, IsARateThatAnyProcessorReaches) {
  const Isa before = active_isa();
  for (const Isa isa : available_isas()) {
    ASSERT_TRUE(use_isa(isa));
    EXPECT_GT(fp32_peak(1), 1e6) << to_string(isa);
    EXPECT_GT(bf16_peak(1), 1e6) << to_string(isa);
  }
  EXPECT_TRUE(use_isa(before));
}

// On registers tiles do many times what fp32 does, however busy the machine is.
TEST(Peak, TilesAlwaysPay) {
  if (bf16_dot(Isa::kAmx) == nullptr) GTEST_SKIP() << "this CPU has no tiles";
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(bf16_pays(Isa::kAmx));
}

TEST(Peak, WithoutAnInstruction_Bf16DoesNotPay) {
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) EXPECT_FALSE(bf16_pays(isa));
}

TEST(IsaDeathTest, Environment_ChoosesTheFirstOne) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        ::setenv("CONTINUO_ISA", "scalar", 1);
        std::exit(isa_name() == "scalar" ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(
      {
        ::setenv("CONTINUO_ISA", "abacus", 1);
        std::exit(is_fastest(active_isa()) ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace continuo::kernels
