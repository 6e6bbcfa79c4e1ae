#include "continuo/sampling/sampler.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace continuo::sampling {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
const float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<float> logits_of(const std::vector<double>& probabilities) {
  std::vector<float> logits;
  for (const double p : probabilities) logits.push_back(float(std::log(p)));
  return logits;
}

std::vector<float> random_logits(std::size_t count, std::uint64_t seed, double spread = 6) {
  Rng rng(seed);
  std::vector<float> logits(count);
  for (float& logit : logits) logit = float(rng.uniform() * spread);
  return logits;
}

std::vector<std::uint64_t> histogram(Sampler& sampler, std::span<const float> logits,
                                     std::span<const std::uint8_t> legal, int draws, std::uint64_t seed = 7) {
  Rng rng(seed);
  std::vector<std::uint64_t> counts(logits.size());
  for (int i = 0; i < draws; ++i) ++counts.at(std::size_t(sampler.sample(logits, legal, rng)));
  return counts;
}

// The filters by their definitions, with a full sort: what Sampler has to agree with.
std::vector<double> expected_probabilities(std::span<const float> logits, std::span<const std::uint8_t> legal,
                                           const SamplerOptions& options) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < logits.size(); ++i)
    if (legal.empty() || legal[i]) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return logits[a] > logits[b]; });
  if (options.top_k > 0) order.resize(std::min(order.size(), std::size_t(options.top_k)));
  std::vector<double> p(logits.size());
  const auto scale = [&] {
    double sum = 0;
    for (const auto i : order) sum += p[i];
    for (const auto i : order) p[i] /= sum;
  };
  const auto cut = [&](std::size_t keep) {
    for (std::size_t i = keep; i < order.size(); ++i) p[order[i]] = 0;
    order.resize(keep);
    scale();
  };
  for (const auto i : order) p[i] = std::exp((double(logits[i]) - double(logits[order[0]])) / options.temperature);
  scale();
  double mass = 0;
  std::size_t keep = 0;
  while (keep < order.size() && (options.top_p >= 1 || mass < options.top_p - 1e-12)) mass += p[order[keep++]];
  cut(keep);
  keep = 0;
  while (keep < order.size() && p[order[keep]] >= options.min_p * p[order[0]]) ++keep;
  cut(keep);
  if (options.typical >= 1) return p;
  double entropy = 0;
  for (const auto i : order) entropy -= p[i] * std::log(p[i]);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
    return std::abs(-std::log(p[a]) - entropy) < std::abs(-std::log(p[b]) - entropy);
  });
  mass = 0;
  keep = 0;
  while (keep < order.size() && mass < options.typical - 1e-12) mass += p[order[keep++]];
  cut(keep);
  return p;
}

double chi_square(const std::vector<std::uint64_t>& counts, const std::vector<double>& p, int draws) {
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] == 0) {
      EXPECT_EQ(counts[i], 0u) << "token " << i << " was filtered out";
      continue;
    }
    const double expected = p[i] * draws;
    sum += (double(counts[i]) - expected) * (double(counts[i]) - expected) / expected;
  }
  return sum;
}

TEST(Sampler, Sample_FollowsTheSoftmax) {
  const std::vector<double> p = {0.05, 0.4, 0.1, 0.25, 0.2};
  constexpr int kDraws = 200000;
  Sampler sampler({});
  const auto counts = histogram(sampler, logits_of(p), {}, kDraws);
  EXPECT_LT(chi_square(counts, p, kDraws), 18.5);  // 4 degrees of freedom: exceeded once in 1,000 seeds
}

TEST(Sampler, Sample_ChiSquareRejectsAnotherTemperature) {
  const std::vector<double> p = {0.05, 0.4, 0.1, 0.25, 0.2};
  constexpr int kDraws = 200000;
  Sampler sampler({.temperature = 1.05});
  EXPECT_GT(chi_square(histogram(sampler, logits_of(p), {}, kDraws), p, kDraws), 18.5);
}

TEST(Sampler, Sample_AllFiltersTogetherFollowTheirDefinitions) {
  constexpr int kDraws = 20000;
  for (std::uint64_t seed = 0; seed < 24; ++seed) {
    const auto logits = random_logits(40, seed);
    std::vector<std::uint8_t> legal(40);
    Rng rng(seed + 100);
    for (auto& allowed : legal) allowed = rng.below(4) != 0;
    legal[seed] = 1;
    const SamplerOptions options{.temperature = 0.5 + 0.1 * double(seed % 8),
                                 .top_k = int(seed % 3) * 11,
                                 .top_p = seed % 4 == 0 ? 1.0 : 0.55 + 0.015 * double(seed),
                                 .min_p = seed % 5 == 0 ? 0.0 : 0.01 * double(seed % 5),
                                 .typical = seed % 2 == 0 ? 1.0 : 0.4 + 0.02 * double(seed)};
    const auto p = expected_probabilities(logits, legal, options);
    Sampler sampler(options);
    Rng draws(seed);
    std::vector<std::uint64_t> counts(40);
    for (int i = 0; i < kDraws; ++i) {
      const auto token = std::size_t(sampler.sample(logits, legal, draws));
      ++counts[token];
      ASSERT_NEAR(sampler.last_probability(), p[token], 1e-12) << "seed " << seed;
    }
    const auto kept = double(std::count_if(p.begin(), p.end(), [](double value) { return value > 0; }));
    EXPECT_LT(chi_square(counts, p, kDraws), kept + 5 * std::sqrt(2 * kept) + 5) << "seed " << seed;
  }
}

TEST(Sampler, TopK_KeepsTheLowerIdOfATie) {
  const std::vector<float> logits = {1, 3, 2, 2, 2, 0};
  Sampler sampler({.top_k = 3});
  const auto counts = histogram(sampler, logits, {}, 5000);
  EXPECT_GT(counts[1], 0u);
  EXPECT_GT(counts[2], 0u);
  EXPECT_GT(counts[3], 0u);
  EXPECT_EQ(counts[0] + counts[4] + counts[5], 0u);
}

TEST(Sampler, TopP_KeepsTheSmallestSetOfThatMass) {
  Sampler sampler({.top_p = 0.6});
  const auto counts = histogram(sampler, logits_of({0.1, 0.5, 0.2, 0.2}), {}, 5000);
  EXPECT_EQ(counts[0], 0u);
  EXPECT_GT(counts[1], 0u);
  EXPECT_GT(counts[2], 0u) << "of two tokens with 0.2 the lower id completes the mass";
  EXPECT_EQ(counts[3], 0u);
}

TEST(Sampler, TopP_TinyMassStillKeepsTheBest) {
  Sampler sampler({.top_p = 1e-300});
  EXPECT_EQ(histogram(sampler, logits_of({0.1, 0.5, 0.4}), {}, 100)[1], 100u);
}

TEST(Sampler, TopP_FlatDistributionKeepsTheLowerIds) {
  const std::vector<float> logits(1000, 0.0F);
  Sampler sampler({.top_p = 0.5});
  const auto counts = histogram(sampler, logits, {}, 10000);
  EXPECT_TRUE(std::all_of(counts.begin(), counts.begin() + 500, [](auto n) { return n > 0; }));
  EXPECT_TRUE(std::all_of(counts.begin() + 500, counts.end(), [](auto n) { return n == 0; }));
}

TEST(Sampler, MinP_KeepsAtLeastThatPartOfTheBest) {
  Sampler sampler({.min_p = 0.3});
  const auto counts = histogram(sampler, logits_of({0.14, 0.5, 0.2, 0.16}), {}, 5000);
  EXPECT_EQ(counts[0], 0u);
  EXPECT_GT(counts[2], 0u);
  EXPECT_GT(counts[3], 0u);
}

// Entropy 1.64 nats, information 0.92 and five times 2.12: the five are nearer to it.
TEST(Sampler, Typical_LeavesOutWhatIsTooObvious) {
  Sampler sampler({.typical = 0.4});
  const auto counts = histogram(sampler, logits_of({0.4, 0.12, 0.12, 0.12, 0.12, 0.12}), {}, 5000);
  EXPECT_EQ(counts[0] + counts[5], 0u) << "of equals the lower ids complete the mass";
  for (const std::size_t token : {1, 2, 3, 4}) EXPECT_GT(counts[token], 0u);
}

// Entropy 1.24 nats, information 0.69, 1.20, 2.30, 3.00 and 3.00.
TEST(Sampler, Typical_LeavesOutWhatIsTooOdd) {
  Sampler sampler({.typical = 0.75});
  const auto counts = histogram(sampler, logits_of({0.5, 0.3, 0.1, 0.05, 0.05}), {}, 5000);
  EXPECT_GT(counts[0], 0u);
  EXPECT_GT(counts[1], 0u);
  EXPECT_EQ(counts[2] + counts[3] + counts[4], 0u);
}

TEST(Sampler, Typical_TinyMassStillKeepsOne) {
  Sampler sampler({.typical = 1e-300});
  EXPECT_EQ(histogram(sampler, logits_of({0.6, 0.3, 0.1}), {}, 100)[1], 100u) << "entropy 0.90, information 1.20";
}

TEST(Sampler, Typical_KeepsWhatAFullSortKeepsForAnyNumberOfTokens) {
  for (const std::size_t count : {1, 2, 3, 15, 16, 17, 18, 31, 33, 64, 65, 200}) {
    for (const double typical : {0.01, 0.3, 0.5, 0.77, 0.95, 0.999}) {
      const auto logits = random_logits(count, count + std::size_t(1000 * typical), 3);
      const SamplerOptions options{.temperature = 0.8, .top_p = 0.97, .typical = typical};
      const auto expected = expected_probabilities(logits, {}, options);
      Sampler sampler(options);
      Rng rng(count);
      for (int i = 0; i < 100; ++i) {
        const auto token = std::size_t(sampler.sample(logits, {}, rng));
        ASSERT_NEAR(sampler.last_probability(), expected[token], 1e-12) << count << " tokens, typical " << typical;
      }
    }
  }
}

// A token of minus infinity has endless information.
TEST(Sampler, Typical_WithBrokenLogitsKeepsTheOthers) {
  Sampler sampler({.temperature = 1e-300, .typical = 0.5});
  EXPECT_EQ(histogram(sampler, std::vector<float>{kNan, -kInfinity, 2, 1}, {}, 100)[2], 100u);
}

// Groups 1: tokens 0 and 1, 2: tokens 2 and 3; token 4 is in none.
SamplerOptions with_groups(double temperature, double first, double second) {
  return {.temperature = temperature, .groups = {.group = {1, 1, 2, 2, 0}, .temperatures = {first, second}}};
}

// The mass of each group stays, and is shared out at its own temperature.
TEST(Sampler, Groups_ShareTheirMassAtTheirOwnTemperature) {
  const std::vector<double> p = {0.3, 0.1, 0.08, 0.32, 0.2};
  constexpr int kDraws = 200000;
  Sampler sampler(with_groups(1, 0.5, 2));
  const double first = 0.3 * 0.3 + 0.1 * 0.1, second = std::sqrt(0.08) + std::sqrt(0.32);
  const std::vector<double> wanted = {0.4 * 0.09 / first, 0.4 * 0.01 / first, 0.4 * std::sqrt(0.08) / second,
                                      0.4 * std::sqrt(0.32) / second, 0.2};
  EXPECT_LT(chi_square(histogram(sampler, logits_of(p), {}, kDraws), wanted, kDraws), 18.5);
  Rng rng(1);
  for (int i = 0; i < 50; ++i) {
    const auto token = std::size_t(sampler.sample(logits_of(p), {}, rng));
    ASSERT_NEAR(sampler.last_probability(), wanted[token], 1e-7);
  }
}

TEST(Sampler, Groups_AtTheCommonTemperatureChangeNothing) {
  const auto logits = random_logits(5, 8);
  for (const double temperature : {0.3, 1.0, 2.5}) {
    Sampler with(with_groups(temperature, temperature, temperature)), without({.temperature = temperature});
    EXPECT_EQ(histogram(with, logits, {}, 2000), histogram(without, logits, {}, 2000));
  }
}

TEST(Sampler, Groups_OfTemperatureZeroKeepTheirBest) {
  Sampler sampler(with_groups(1, 0, 1));
  const auto counts = histogram(sampler, logits_of({0.2, 0.2, 0.1, 0.3, 0.2}), {}, 20000);
  EXPECT_EQ(counts[1], 0u) << "of equals the lower id is the best";
  EXPECT_NEAR(double(counts[0]), 0.4 * 20000, 300);
  EXPECT_NEAR(double(counts[3]), 0.3 * 20000, 300);
}

TEST(Sampler, Groups_DrawWithinTheBestTokensGroupAtTemperatureZero) {
  Sampler sampler(with_groups(0, 0, 1));
  const auto counts = histogram(sampler, logits_of({0.2, 0.1, 0.1, 0.4, 0.2}), {}, 5000);
  EXPECT_EQ(counts[0] + counts[1] + counts[4], 0u);
  EXPECT_NEAR(double(counts[3]), 4000, 200);
  EXPECT_EQ(histogram(sampler, logits_of({0.4, 0.1, 0.1, 0.2, 0.2}), {}, 100)[0], 100u);
  EXPECT_EQ(histogram(sampler, logits_of({0.1, 0.1, 0.1, 0.2, 0.5}), {}, 100)[4], 100u);
}

// The filters see what the groups have left.
TEST(Sampler, Groups_ComeBeforeTheFilters) {
  SamplerOptions options = with_groups(1, 10, 0.01);
  options.top_k = 2;
  Sampler sampler(options);
  const auto counts = histogram(sampler, logits_of({0.35, 0.05, 0.2, 0.3, 0.1}), {}, 2000);
  EXPECT_EQ(counts[1] + counts[2] + counts[4], 0u) << "token 3 has the 0.5 of its group";
  EXPECT_GT(counts[3], counts[0]);
}

TEST(Sampler, Groups_SurviveBrokenAndImpossibleTokens) {
  for (const double temperature : {0.0, 1e-300, 1.0, 10.0}) {
    Sampler sampler(with_groups(temperature, 1e-300, 2));
    EXPECT_EQ(histogram(sampler, std::vector<float>{-kInfinity, kNan, 1, -kInfinity, -kInfinity}, {}, 50)[2], 50u);
    EXPECT_EQ(histogram(sampler, std::vector<float>{5, -kInfinity, -3e38F, kNan, -3e38F}, {}, 50)[0], 50u);
    const auto counts = histogram(sampler, std::vector<float>(5, -kInfinity), {}, 50);
    EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::uint64_t(0)), 50u);
  }
}

TEST(Sampler, TemperatureZero_TakesTheBestLegalAndTheLowerIdOfATie) {
  const std::vector<float> logits = {9, 1, 4, 4, 3};
  const std::vector<std::uint8_t> legal = {0, 1, 1, 1, 1};
  Sampler sampler({.temperature = 0});
  Rng rng(1);
  const auto before = rng.state();
  EXPECT_EQ(sampler.sample(logits, legal, rng), 2);
  EXPECT_EQ(rng.state(), before) << "a certain choice takes no random number";
  const double sum = std::exp(1.0) + 2 * std::exp(4.0) + std::exp(3.0);
  EXPECT_NEAR(sampler.last_probability(), std::exp(4.0) / sum, 1e-12);
}

TEST(Sampler, TinyTemperature_IsTheBestToken) {
  Sampler sampler({.temperature = 1e-310});
  EXPECT_EQ(histogram(sampler, std::vector<float>{0, 2, 1}, {}, 100)[1], 100u);
}

TEST(Sampler, Legality_IsNeverViolated) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed);
    auto logits = random_logits(50, seed, 60);
    for (float& logit : logits) {
      const auto kind = rng.below(12);
      if (kind == 0) logit = kNan;
      if (kind == 1) logit = -kInfinity;
      if (kind == 2) logit = kInfinity;
    }
    std::vector<std::uint8_t> legal(50);
    for (auto& allowed : legal) allowed = rng.below(10) == 0;
    legal[rng.below(50)] = 1;
    Sampler sampler({.temperature = double(seed % 4) * 0.7,
                     .top_k = int(seed % 7),
                     .top_p = 0.2 + 0.8 * double(seed % 2),
                     .min_p = 0.1 * double(seed % 3),
                     .typical = 0.3 + 0.7 * double(seed % 5 != 0)});
    for (int i = 0; i < 20; ++i) {
      const TokenId token = sampler.sample(logits, legal, rng);
      ASSERT_GE(token, 0);
      ASSERT_TRUE(legal[std::size_t(token)]);
      ASSERT_GT(sampler.last_probability(), 0);
      ASSERT_LE(sampler.last_probability(), 1);
    }
  }
}

TEST(Sampler, BrokenLogits_NanAndMinusInfinityAreNotDrawn) {
  const std::vector<float> logits = {kNan, -kInfinity, -3e38F, kNan};
  Sampler sampler({});
  EXPECT_EQ(histogram(sampler, logits, {}, 200)[2], 200u);
}

TEST(Sampler, BrokenLogits_WithNothingElseEveryLegalTokenIsEquallyProbable) {
  const std::vector<float> logits = {kNan, -kInfinity, -kInfinity, kNan};
  const std::vector<std::uint8_t> legal = {1, 1, 0, 1};
  Sampler sampler({});
  const auto counts = histogram(sampler, logits, legal, 30000);
  EXPECT_LT(chi_square(counts, {1 / 3.0, 1 / 3.0, 0, 1 / 3.0}, 30000), 14);
  Sampler greedy({.temperature = 0});
  EXPECT_EQ(histogram(greedy, logits, legal, 10)[0], 10u);
}

TEST(Sampler, BrokenLogits_NoTemperatureMakesOneMoreProbable) {
  const std::vector<float> logits(4, -kInfinity);
  for (const double temperature : {1e-300, 0.01, 1.0, 100.0}) {
    Sampler sampler({.temperature = temperature});
    Rng rng(3);
    ASSERT_GE(sampler.sample(logits, {}, rng), 0) << temperature;
    EXPECT_DOUBLE_EQ(sampler.last_probability(), 0.25) << temperature;
  }
}

TEST(Sampler, BrokenLogits_PlusInfinityTakesAll) {
  Sampler sampler({});
  const auto counts = histogram(sampler, std::vector<float>{1, kInfinity, 5, kInfinity}, {}, 1000);
  EXPECT_EQ(counts[1] + counts[3], 1000u);
  EXPECT_GT(counts[1], 400u);
  EXPECT_GT(counts[3], 400u);
}

TEST(Sampler, Sample_NoLegalTokenIsSaidAndNotInvented) {
  Rng rng(1);
  Sampler sampler({});
  sampler.sample(std::vector<float>{1, 2}, {}, rng);
  EXPECT_GT(sampler.last_probability(), 0);
  EXPECT_EQ(sampler.sample(std::vector<float>{1, 2}, std::vector<std::uint8_t>{0, 0}, rng), -1);
  EXPECT_EQ(sampler.last_probability(), 0);
}

TEST(Sampler, Sample_SameSeedSameTokensWhateverCameBefore) {
  const auto logits = random_logits(300, 3);
  Sampler fresh({.top_k = 40, .top_p = 0.9});
  Sampler used({.top_k = 40, .top_p = 0.9});
  histogram(used, random_logits(10000, 4), {}, 3);
  EXPECT_EQ(histogram(fresh, logits, {}, 500, 9), histogram(used, logits, {}, 500, 9));
}

TEST(Sampler, Exponential_AgreesWithTheCLibrary) {
  Sampler sampler({.temperature = 1});
  Rng rng(5);
  for (int i = 0; i < 3000; ++i) {
    const float difference = float(-30 * rng.uniform());
    const std::vector<float> logits = {0, difference};
    const TokenId token = sampler.sample(logits, {}, rng);
    const double weight = std::exp(double(difference));
    const double expected = (token == 0 ? 1.0 : weight) / (1 + weight);
    ASSERT_NEAR(sampler.last_probability() / expected, 1.0, 4e-15);
  }
}

TEST(SamplerOptions, Check_NamesWhatIsOutOfRange) {
  EXPECT_TRUE(SamplerOptions{}.check().ok());
  EXPECT_NE((SamplerOptions{.temperature = -1}.check().error().what.find("temperature")), std::string::npos);
  EXPECT_NE((SamplerOptions{.temperature = kNan}.check().error().what.find("temperature")), std::string::npos);
  EXPECT_NE((SamplerOptions{.top_k = -1}.check().error().what.find("top-k")), std::string::npos);
  EXPECT_NE((SamplerOptions{.top_p = 0}.check().error().what.find("top-p")), std::string::npos);
  EXPECT_NE((SamplerOptions{.top_p = kNan}.check().error().what.find("top-p")), std::string::npos);
  EXPECT_NE((SamplerOptions{.min_p = 1}.check().error().what.find("min-p")), std::string::npos);
  EXPECT_NE((SamplerOptions{.typical = 0}.check().error().what.find("typical")), std::string::npos);
}

// The first and the last value of each range are allowed, those beside them are not.
TEST(SamplerOptions, Check_KnowsTheEndsOfEachRange) {
  const double least = std::numeric_limits<double>::denorm_min(), below_one = std::nextafter(1.0, 0.0);
  for (const SamplerOptions& allowed :
       {SamplerOptions{.temperature = 0}, SamplerOptions{.temperature = 1e300}, SamplerOptions{.top_k = 0},
        SamplerOptions{.top_k = 1 << 30}, SamplerOptions{.top_p = least}, SamplerOptions{.top_p = 1},
        SamplerOptions{.min_p = 0}, SamplerOptions{.min_p = below_one}, SamplerOptions{.typical = least},
        SamplerOptions{.typical = 1}}) {
    EXPECT_TRUE(allowed.check().ok()) << allowed.check().error().to_line();
  }
  for (const SamplerOptions& refused :
       {SamplerOptions{.temperature = -least}, SamplerOptions{.temperature = double(kInfinity)},
        SamplerOptions{.top_k = -1}, SamplerOptions{.top_p = 0}, SamplerOptions{.top_p = std::nextafter(1.0, 2.0)},
        SamplerOptions{.min_p = -least}, SamplerOptions{.min_p = 1}, SamplerOptions{.min_p = double(kNan)},
        SamplerOptions{.typical = 0}, SamplerOptions{.typical = std::nextafter(1.0, 2.0)},
        SamplerOptions{.typical = double(kNan)}, with_groups(1, -least, 1), with_groups(1, double(kInfinity), 1),
        SamplerOptions{.groups = {.group = {1}, .temperatures = {}}}}) {
    EXPECT_EQ(refused.check().error().code, ErrorCode::invalid_argument);
  }
}

TEST(SamplerOptions, IsByChance_UnlessEveryTemperatureIsZero) {
  EXPECT_TRUE(SamplerOptions{}.is_by_chance());
  EXPECT_TRUE(with_groups(0, 0, 0.1).is_by_chance());
  EXPECT_FALSE(with_groups(0, 0, 0).is_by_chance());
}

// The range that holds the last token is halved again and again; any number of tokens and any mass has to come out as a
// full sort would have it.
TEST(Sampler, TopP_KeepsWhatAFullSortKeepsForAnyNumberOfTokens) {
  for (const std::size_t count : {1, 2, 3, 15, 16, 17, 18, 31, 33, 64, 65, 200}) {
    for (const double top_p : {0.01, 0.3, 0.5, 0.77, 0.95, 0.999}) {
      const auto logits = random_logits(count, count + std::size_t(1000 * top_p), 3);
      const SamplerOptions options{.top_p = top_p};
      const auto expected = expected_probabilities(logits, {}, options);
      Sampler sampler(options);
      Rng rng(count);
      for (int i = 0; i < 100; ++i) {
        const auto token = std::size_t(sampler.sample(logits, {}, rng));
        ASSERT_GT(expected[token], 0) << count << " tokens, top-p " << top_p;
        ASSERT_NEAR(sampler.last_probability(), expected[token], 1e-12) << count << " tokens, top-p " << top_p;
      }
    }
  }
}

// Not a benchmark: a full sort or an allocation per step would miss these bounds by far, a slow machine does
// not.
TEST(Sampler, Sample_IsQuickEnoughForEveryStep) {
  const auto logits = random_logits(400, 2, 12);
  Sampler sampler({.top_k = 50, .top_p = 0.95});
  Rng rng(1);
  constexpr int kSteps = 2000;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kSteps; ++i) sampler.sample(logits, {}, rng);
  const std::chrono::duration<double, std::micro> taken = std::chrono::steady_clock::now() - start;
  RecordProperty("microseconds_per_step", std::to_string(taken.count() / kSteps));
  EXPECT_LT(taken.count() / kSteps, 400.0);
}

}  // namespace
}  // namespace continuo::sampling
