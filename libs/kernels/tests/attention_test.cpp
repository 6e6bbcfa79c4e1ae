#include "continuo/kernels/attention.h"

#include <functional>
#include <limits>

#include "kernel_test.h"

namespace continuo::kernels {
namespace {

class AttentionOnEveryIsa : public EveryIsa {};

// A problem with inputs that both number types hold exactly, and its answer in double precision.
struct Problem {
  AttentionShape shape;
  bool padded = false;
  DropRule dropout;
  std::size_t behind = 0, ahead = 0;               // distances that have keys, if any
  bool own_distance_queries = false;               // else they meet the queries of the content
  std::vector<float> q, k, v, dy, dist_q, dist_k;  // [batch * positions, heads * width]
  std::vector<std::uint8_t> masked;
  std::vector<double> y, dq, dk, dv, d_dist_q, d_dist_k;

  bool has_distances() const { return behind + ahead > 0; }
  // The first feature of the key of a distance.
  std::size_t distance_at(std::size_t position, std::size_t key, std::size_t head) const {
    const auto distance = static_cast<std::ptrdiff_t>(position) - static_cast<std::ptrdiff_t>(key);
    const auto nearest = std::clamp(distance, -static_cast<std::ptrdiff_t>(ahead), static_cast<std::ptrdiff_t>(behind));
    const auto row = static_cast<std::size_t>(nearest + static_cast<std::ptrdiff_t>(ahead));
    return row * query_stride() + head * shape.head_width;
  }
  std::size_t query_stride() const { return shape.n_heads * shape.head_width; }
  std::size_t key_stride() const { return shape.n_kv_heads * shape.head_width; }

  void fill() {
    Rng rng(shape.queries * 1009 + shape.head_width);
    const auto numbers = [&](std::size_t count, double reach) {
      auto values = random_floats(rng, count, reach);
      for (float& value : values) value = to_float(to_bf16(value));
      return values;
    };
    q = numbers(shape.batch * shape.queries * query_stride(), 2);
    dy = numbers(q.size(), 1);
    k = numbers(shape.batch * shape.keys * key_stride(), 2);
    v = numbers(k.size(), 1);
    dist_k = numbers(has_distances() ? (ahead + 1 + behind) * query_stride() : 0, 1);
    dist_q = own_distance_queries ? numbers(q.size(), 2) : q;
    d_dist_q.assign(q.size(), 0);
    d_dist_k.assign(dist_k.size(), 0);
    masked.assign(shape.batch * shape.keys, 0);
    // Keys at the end of each sequence; the first ones stay, so that every query sees something.
    for (std::size_t i = 0; padded && i < masked.size(); ++i) masked[i] = i % shape.keys > shape.keys / 2;
    y.assign(q.size(), 0);
    dq.assign(q.size(), 0);
    dk.assign(k.size(), 0);
    dv.assign(k.size(), 0);
    for (std::size_t b = 0; b < shape.batch; ++b) {
      for (std::size_t h = 0; h < shape.n_heads; ++h) {
        for (std::size_t i = 0; i < shape.queries; ++i) solve(b, h, i);
      }
    }
  }

  void solve(std::size_t b, std::size_t h, std::size_t i) {
    const std::size_t width = shape.head_width, position = shape.keys - shape.queries + i;
    const std::size_t at = (b * shape.queries + i) * query_stride() + h * width;
    const std::size_t key_head = h / (shape.n_heads / shape.n_kv_heads);
    const auto key_at = [&](std::size_t j) { return (b * shape.keys + j) * key_stride() + key_head * width; };
    std::vector<double> weight(shape.keys, 0), kept(shape.keys, 0);
    double sum = 0;
    for (std::size_t j = 0; j < shape.keys; ++j) {
      const bool future = shape.causal && j > position;
      const bool past = shape.window > 0 && j + shape.window <= position;
      if (future || past || masked[b * shape.keys + j] != 0) continue;
      double score = 0;
      for (std::size_t f = 0; f < width; ++f) score += double{q[at + f]} * k[key_at(j) + f];
      for (std::size_t f = 0; has_distances() && f < width; ++f) {
        score += double{dist_q[at + f]} * dist_k[distance_at(position, j, h) + f];
      }
      sum += weight[j] = std::exp(score / std::sqrt(static_cast<double>(width)));
      kept[j] = drop_factor(dropout,
                            static_cast<std::uint32_t>(((b * shape.n_heads + h) * shape.queries + i) * shape.keys + j));
    }
    double dot = 0;
    for (std::size_t j = 0; j < shape.keys; ++j) {
      weight[j] /= sum;
      for (std::size_t f = 0; f < width; ++f) y[at + f] += weight[j] * kept[j] * v[key_at(j) + f];
    }
    for (std::size_t f = 0; f < width; ++f) dot += y[at + f] * dy[at + f];
    for (std::size_t j = 0; j < shape.keys; ++j) {
      double gradient = 0;
      for (std::size_t f = 0; f < width; ++f) gradient += double{dy[at + f]} * v[key_at(j) + f];
      const double score_gradient = weight[j] * (gradient * kept[j] - dot) / std::sqrt(static_cast<double>(width));
      for (std::size_t f = 0; f < width; ++f) {
        dq[at + f] += score_gradient * k[key_at(j) + f];
        dk[key_at(j) + f] += score_gradient * q[at + f];
        dv[key_at(j) + f] += weight[j] * kept[j] * dy[at + f];
        if (!has_distances()) continue;
        const std::size_t of_distance = distance_at(position, j, h) + f;
        (own_distance_queries ? d_dist_q : dq)[at + f] += score_gradient * dist_k[of_distance];
        d_dist_k[of_distance] += score_gradient * dist_q[at + f];
      }
    }
  }
};

template <typename Number>
std::vector<Number> as_numbers(const std::vector<float>& values) {
  std::vector<Number> numbers(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) numbers[i] = number_from<Number>(values[i]);
  return numbers;
}

template <typename Number>
struct Answer {
  std::vector<Number> y, dq, dk, dv, d_dist_q;
  std::vector<float> log_sums, d_dist_k;  // the latter of each sequence
};

template <typename Number>
Answer<Number> solve(const Problem& problem, std::size_t parts) {
  const auto q = as_numbers<Number>(problem.q), k = as_numbers<Number>(problem.k), v = as_numbers<Number>(problem.v),
             dy = as_numbers<Number>(problem.dy), dist_q = as_numbers<Number>(problem.dist_q),
             dist_k = as_numbers<Number>(problem.dist_k);
  const std::size_t qs = problem.query_stride(), ks = problem.key_stride();
  Answer<Number> answer{std::vector<Number>(q.size()),
                        std::vector<Number>(q.size()),
                        std::vector<Number>(k.size()),
                        std::vector<Number>(k.size()),
                        std::vector<Number>(q.size()),
                        std::vector<float>(problem.shape.batch * problem.shape.n_heads * problem.shape.queries),
                        std::vector<float>(problem.shape.batch * dist_k.size())};
  AttentionInputs<Number> inputs{problem.shape,
                                 {q.data(), qs},
                                 {k.data(), ks},
                                 {v.data(), ks},
                                 problem.padded ? problem.masked.data() : nullptr,
                                 problem.dropout,
                                 {}};
  if (problem.has_distances())
    inputs.distances = {{dist_k.data(), qs}, {dist_q.data(), qs}, problem.behind, problem.ahead};
  for (std::size_t part = 0; part < parts; ++part) {
    attention(AttentionForward<Number>{inputs, {answer.y.data(), qs}, answer.log_sums.data()}, {part, parts});
  }
  AttentionBackward<Number> backward{inputs,
                                     {answer.y.data(), qs},
                                     {dy.data(), qs},
                                     answer.log_sums.data(),
                                     {answer.dq.data(), qs},
                                     {answer.dk.data(), ks},
                                     {answer.dv.data(), ks},
                                     {},
                                     answer.d_dist_k.data()};
  if (problem.own_distance_queries) backward.distance_query_gradient = {answer.d_dist_q.data(), qs};
  for (std::size_t part = 0; part < parts; ++part) attention_gradient(backward, {part, parts});
  return answer;
}

// Root mean square of the difference, relative to that of the expected numbers or to 1, if that is more: one key alone
// has gradients of 0.
template <typename Number>
double difference(const std::vector<Number>& got, const std::vector<double>& expected) {
  double error = 0, size = static_cast<double>(got.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    error += (to_float(got[i]) - expected[i]) * (to_float(got[i]) - expected[i]);
    size += expected[i] * expected[i];
  }
  return std::sqrt(error / size);
}

template <typename Number>
void check(const Problem& problem, const std::string& what) {
  const double tolerance = sizeof(Number) == sizeof(float) ? 3e-6 : 8e-3;
  const Answer<Number> answer = solve<Number>(problem, 3);
  EXPECT_LT(difference(answer.y, problem.y), tolerance) << what;
  EXPECT_LT(difference(answer.dq, problem.dq), tolerance) << what;
  EXPECT_LT(difference(answer.dk, problem.dk), tolerance) << what;
  EXPECT_LT(difference(answer.dv, problem.dv), tolerance) << what;
  if (!problem.has_distances()) return;
  EXPECT_LT(difference(answer.d_dist_q, problem.d_dist_q), tolerance) << what;
  std::vector<float> d_dist_k(problem.dist_k.size(), 0.0F);
  for (std::size_t i = 0; i < answer.d_dist_k.size(); ++i) d_dist_k[i % d_dist_k.size()] += answer.d_dist_k[i];
  EXPECT_LT(difference(d_dist_k, problem.d_dist_k), tolerance) << what;
}

void check_both(AttentionShape shape, const std::function<void(Problem&)>& change = {}) {
  Problem problem;
  problem.shape = shape;
  if (change) change(problem);
  problem.fill();
  const std::string what = std::to_string(problem.shape.queries) + " queries, " + std::to_string(problem.shape.keys) +
                           " keys, width " + std::to_string(problem.shape.head_width);
  check<float>(problem, what);
  if (shape.head_width % 2 == 0) check<Bf16>(problem, what);
}

TEST_P(AttentionOnEveryIsa, OddShapes_EqualDoublePrecision) {
  for (const std::size_t time : {1, 2, 31, 33, 48, 49, 127, 130, 200}) {
    for (const std::size_t width : {1, 8, 20, 64, 128}) {
      if (time > 49 && (width == 1 || width == 20)) continue;
      for (const bool causal : {true, false}) check_both({1, time, time, 2, 2, width, causal});
    }
  }
}

TEST_P(AttentionOnEveryIsa, Window_SeesOnlyTheLatestKeys) {
  for (const std::size_t window : {1, 5, 32, 40, 150}) check_both({1, 170, 170, 1, 1, 16, true, window});
  // Whole blocks of keys are before the window.
  for (const std::size_t window : {1, 40, 300}) check_both({1, 600, 600, 1, 1, 8, true, window});
}

TEST_P(AttentionOnEveryIsa, FewerKeyHeads_AreSharedByGroups) {
  check_both({2, 50, 50, 4, 2, 16});
  check_both({1, 140, 140, 6, 1, 8, false});
}

TEST_P(AttentionOnEveryIsa, MoreKeysThanQueries_QueriesAreTheLastPositions) {
  check_both({2, 30, 70, 2, 2, 16});
  check_both({1, 60, 260, 2, 1, 32, true, 64});
}

TEST_P(AttentionOnEveryIsa, HiddenKeys_AreNotSeen) {
  const auto pad = [](Problem& problem) { problem.padded = true; };
  check_both({3, 70, 70, 2, 2, 16, false}, pad);
  check_both({2, 140, 140, 1, 1, 32, true}, pad);
}

TEST_P(AttentionOnEveryIsa, Dropout_DropsWeightsByTheRule) {
  check_both({2, 70, 70, 2, 1, 16}, [](Problem& problem) { problem.dropout = drop_rule(0.25, 77); });
}

TEST_P(AttentionOnEveryIsa, DistanceKeys_AddToScores) {
  const auto distances = [](std::size_t behind, std::size_t ahead, bool own_queries = false) {
    return [=](Problem& problem) {
      problem.behind = behind;
      problem.ahead = ahead;
      problem.own_distance_queries = own_queries;
    };
  };
  for (const std::size_t time : {1, 2, 33, 49, 130, 200}) {
    check_both({2, time, time, 2, 2, 16}, distances(time, 0));
    check_both({1, time, time, 2, 1, 8}, distances(7, 0));
    check_both({1, time, time, 1, 1, 64, false}, distances(time, time));
    check_both({1, time, time, 2, 2, 16, false}, distances(20, 3));
  }
  check_both({1, 170, 170, 1, 1, 5, true, 40}, distances(40, 0));
  check_both({2, 60, 200, 2, 2, 16}, distances(200, 0, true));
  check_both({1, 130, 130, 2, 2, 32, false}, distances(130, 100, true));
}

TEST_P(AttentionOnEveryIsa, DistanceKeysWithPaddingAndDropout) {
  check_both({2, 70, 70, 2, 1, 16}, [](Problem& problem) {
    problem.behind = 30;
    problem.padded = true;
    problem.dropout = drop_rule(0.25, 5);
  });
}

// A diverged network must not look like a finite one.
TEST_P(AttentionOnEveryIsa, NotANumber_ReachesTheQueriesThatSeeIt) {
  Problem problem;
  problem.shape = {1, 60, 60, 1, 1, 16};
  problem.fill();
  problem.k[40 * 16] = std::numeric_limits<float>::quiet_NaN();
  const auto answer = solve<float>(problem, 1);
  EXPECT_FALSE(std::isnan(answer.y[39 * 16]));
  EXPECT_TRUE(std::isnan(answer.y[40 * 16]));
  EXPECT_TRUE(std::isnan(answer.y[59 * 16]));
}

TEST_P(AttentionOnEveryIsa, AnyNumberOfParts_SameBits) {
  Problem problem;
  problem.shape = {3, 100, 100, 2, 2, 24};
  problem.behind = 50;
  problem.fill();
  const auto one = solve<float>(problem, 1), many = solve<float>(problem, 5);
  EXPECT_EQ(one.y, many.y);
  EXPECT_EQ(one.dq, many.dq);
  EXPECT_EQ(one.dk, many.dk);
  EXPECT_EQ(one.dv, many.dv);
  EXPECT_EQ(one.d_dist_k, many.d_dist_k);
}

INSTANTIATE_TEST_SUITE_P(Isas, AttentionOnEveryIsa, ::testing::ValuesIn(available_isas()), isa_test_name);

}  // namespace
}  // namespace continuo::kernels
