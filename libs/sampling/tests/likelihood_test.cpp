#include "continuo/sampling/likelihood.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/base/rng.h"

namespace continuo::sampling {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(LogLikelihood, IsTheLogarithmOfTheSoftmax) {
  Rng rng(3);
  for (const std::size_t count : {1, 2, 3, 4, 5, 7, 8, 33, 620}) {
    std::vector<float> logits(count);
    for (float& logit : logits) logit = float(30 * rng.uniform() - 20);
    double sum = 0;
    for (const float logit : logits) sum += std::exp(double(logit));
    for (std::size_t i = 0; i < count; ++i)
      EXPECT_NEAR(log_likelihood(logits, TokenId(i)), double(logits[i]) - std::log(sum), 2e-6) << count;
  }
}

TEST(LogLikelihood, IsZeroOfWhatIsCertain) {
  EXPECT_NEAR(log_likelihood(std::vector<float>{1000, 0, 0}, 0), 0, 1e-6);
  EXPECT_NEAR(log_likelihood(std::vector<float>{1000, 0, 0}, 1), -1000, 1e-6);
  EXPECT_DOUBLE_EQ(log_likelihood(std::vector<float>{5}, 0), 0);
}

TEST(LogLikelihood, CountsBrokenLogitsAsTheSamplerDoes) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_NEAR(log_likelihood(std::vector<float>{nan, 1, 1}, 1), -std::log(2.0), 1e-6);
  EXPECT_EQ(log_likelihood(std::vector<float>{nan, 1, 1}, 0), -double(kInfinity));
  EXPECT_NEAR(log_likelihood(std::vector<float>{kInfinity, 1, kInfinity}, 0), -std::log(2.0), 1e-6);
  EXPECT_NEAR(log_likelihood(std::vector<float>{nan, -kInfinity}, 0), -std::log(2.0), 1e-6);
}

TEST(Likelihood, Mean_IsOfTheTokensThatWereAdded) {
  Likelihood likelihood;
  EXPECT_EQ(likelihood.mean(), 0);
  likelihood.add(-1);
  likelihood.add(-2);
  EXPECT_EQ(likelihood.mean(), -1.5);
  EXPECT_EQ(likelihood.tokens, 2u);
}

}  // namespace
}  // namespace continuo::sampling
