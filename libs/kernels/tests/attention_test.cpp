#include "continuo/kernels/attention.h"

#include <limits>

#include "kernel_test.h"

namespace continuo::kernels {
namespace {

class AttentionOnEveryIsa : public EveryIsa {};

// One head, its inputs, and its cache, which starts full of what must never be read.
struct Head {
  Head(std::size_t position_count, std::size_t width_count, std::size_t capacity_count)
      : positions(position_count), width(width_count), capacity(capacity_count) {
    Rng rng(positions * 1000 + width);
    queries = random_floats(rng, positions * width, 2);
    keys = random_floats(rng, positions * width, 2);
    values = random_floats(rng, positions * width);
    key_memory = AlignedFloats(HeadCache::key_floats(capacity, width));
    value_memory = AlignedFloats(HeadCache::value_floats(capacity, width));
    const float junk = std::numeric_limits<float>::quiet_NaN();
    std::fill_n(key_memory.data(), key_memory.size(), junk);
    std::fill_n(value_memory.data(), value_memory.size(), junk);
    scratch = AlignedFloats(attention_scratch_floats(capacity));
    cache = {key_memory.data(), value_memory.data(), capacity, width};
  }

  void fill(std::size_t from, std::size_t count) {
    append(cache, from, count, {keys.data() + from * width, width}, {values.data() + from * width, width});
  }

  std::vector<float> attend_rows(std::size_t first, std::size_t rows, std::size_t seen, bool causal) {
    std::vector<float> output(rows * width);
    AttentionCall call;
    call.rows = rows;
    call.first = first;
    call.positions = seen;
    call.causal = causal;
    call.queries = {queries.data() + first * width, width};
    call.output = {output.data(), width};
    call.scratch = scratch.data();
    attend(cache, call);
    return output;
  }

  std::vector<double> expected(std::size_t row, std::size_t seen) const {
    std::vector<double> scores(seen);
    double top = -1e300;
    for (std::size_t at = 0; at < seen; ++at) {
      for (std::size_t d = 0; d < width; ++d) {
        scores[at] += double{queries[row * width + d]} * keys[at * width + d];
      }
      scores[at] /= std::sqrt(static_cast<double>(width));
      top = std::max(top, scores[at]);
    }
    double sum = 0;
    for (double& score : scores) sum += score = std::exp(score - top);
    std::vector<double> output(width);
    for (std::size_t at = 0; at < seen; ++at) {
      for (std::size_t d = 0; d < width; ++d) output[d] += scores[at] / sum * values[at * width + d];
    }
    return output;
  }

  void check(const std::vector<float>& output, std::size_t first, std::size_t rows, bool causal) const {
    for (std::size_t row = 0; row < rows; ++row) {
      const auto exact = expected(first + row, causal ? first + row + 1 : positions);
      for (std::size_t d = 0; d < width; ++d) {
        ASSERT_NEAR(output[row * width + d], exact[d], 1e-5)
            << positions << " positions, width " << width << ", row " << first + row;
      }
    }
  }

  std::size_t positions, width, capacity;
  std::vector<float> queries, keys, values;
  AlignedFloats key_memory, value_memory, scratch;
  HeadCache cache;
};

TEST_P(AttentionOnEveryIsa, WholeSequences_EqualDoubles) {
  for (const std::size_t positions : {1, 2, 31, 32, 33, 48, 49, 100}) {
    for (const std::size_t width : {1, 5, 31, 32, 33, 64, 80}) {
      for (const bool causal : {true, false}) {
        Head head(positions, width, positions);
        head.fill(0, positions);
        head.check(head.attend_rows(0, positions, positions, causal), 0, positions, causal);
      }
    }
  }
}

TEST_P(AttentionOnEveryIsa, OneQueryAtATime_EqualsDoubles) {
  for (const std::size_t width : {5, 32, 64}) {
    Head head(70, width, 128);
    for (std::size_t at = 0; at < head.positions; ++at) {
      head.fill(at, 1);
      head.check(head.attend_rows(at, 1, at + 1, true), at, 1, true);
    }
  }
}

TEST_P(AttentionOnEveryIsa, ContinuingAfterAPrefix_EqualsDoubles) {
  Head head(90, 32, 96);
  head.fill(0, 37);
  head.fill(37, 53);
  head.check(head.attend_rows(37, 53, 90, true), 37, 53, true);
}

INSTANTIATE_TEST_SUITE_P(Isas, AttentionOnEveryIsa, ::testing::ValuesIn(available_isas()), isa_test_name);

}  // namespace
}  // namespace continuo::kernels
