#include "continuo/kernels/cached_attention.h"

#include <limits>

#include "kernel_test.h"

namespace continuo::kernels {
namespace {

class CachedAttentionOnEveryIsa : public EveryIsa {};

// What attention over keys and values of a precision may be away from doubles.
double tolerance(Precision precision) {
  if (precision == Precision::kFp32) return 1e-5;
  return precision == Precision::kBf16 ? 0.03 : 0.05;
}
constexpr Precision kCachePrecisions[] = {Precision::kFp32, Precision::kBf16, Precision::kInt8};

// One head, its inputs, and its cache, which starts full of what must never be read.
struct Head {
  Head(std::size_t position_count, std::size_t width_count, std::size_t capacity_count,
       Precision cache_precision = Precision::kFp32)
      : positions(position_count), width(width_count), capacity(capacity_count), precision(cache_precision) {
    Rng rng(positions * 1000 + width);
    queries = random_floats(rng, positions * width, 2);
    keys = random_floats(rng, positions * width, 2);
    values = random_floats(rng, positions * width);
    memory = junk_floats(HeadCache::key_bytes(precision, capacity, width) / sizeof(float));
    value_memory = junk_floats(HeadCache::value_bytes(precision, capacity, width) / sizeof(float));
    key_scales = junk_floats(HeadCache::scale_floats(precision, capacity));
    value_scales = junk_floats(HeadCache::scale_floats(precision, capacity));
    scratch = AlignedFloats(attention_scratch_floats(capacity, true));
    cache = {precision,
             reinterpret_cast<std::byte*>(memory.data()),
             reinterpret_cast<std::byte*>(value_memory.data()),
             key_scales.data(),
             value_scales.data(),
             capacity,
             width};
  }

  static AlignedFloats junk_floats(std::size_t count) {
    AlignedFloats floats(count);
    std::fill_n(floats.data(), count, std::numeric_limits<float>::quiet_NaN());
    return floats;
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
    call.distances = distances;
    call.queries = {queries.data() + first * width, width};
    call.output = {output.data(), width};
    call.scratch = scratch.data();
    attend(cache, call);
    return output;
  }

  std::vector<double> expected(std::size_t row, std::size_t seen) const { return expected_from(0, row, seen); }

  // Attention of query `row` to the positions [from, seen).
  std::vector<double> expected_from(std::size_t from, std::size_t row, std::size_t seen) const {
    std::vector<double> scores(seen);
    double top = -1e300;
    for (std::size_t at = from; at < seen; ++at) {
      for (std::size_t d = 0; d < width; ++d) {
        scores[at] += double{queries[row * width + d]} * keys[at * width + d];
        if (!distance_keys.empty()) {
          scores[at] += double{queries[row * width + d]} * distance_keys[(distances.ahead + row - at) * width + d];
        }
      }
      scores[at] /= std::sqrt(static_cast<double>(width));
      top = std::max(top, scores[at]);
    }
    double sum = 0;
    for (std::size_t at = from; at < seen; ++at) sum += scores[at] = std::exp(scores[at] - top);
    std::vector<double> output(width);
    for (std::size_t at = from; at < seen; ++at) {
      for (std::size_t d = 0; d < width; ++d) output[d] += scores[at] / sum * values[at * width + d];
    }
    return output;
  }

  void check(const std::vector<float>& output, std::size_t first, std::size_t rows, bool causal) const {
    for (std::size_t row = 0; row < rows; ++row) {
      const auto exact = expected(first + row, causal ? first + row + 1 : positions);
      for (std::size_t d = 0; d < width; ++d) {
        ASSERT_NEAR(output[row * width + d], exact[d], tolerance(precision))
            << positions << " positions, width " << width << ", row " << first + row;
      }
    }
  }

  // Distances from -ahead to positions - 1.
  void use_distances(std::size_t ahead) {
    Rng rng(ahead + width);
    distance_keys = random_floats(rng, (ahead + positions) * width);
    distance_matrix = PackedMatrix(ahead + positions, width, distance_keys, {});
    distances = {distance_matrix.view(), ahead};
  }

  std::size_t positions, width, capacity;
  Precision precision;
  std::vector<float> queries, keys, values, distance_keys;
  AlignedFloats memory, value_memory, key_scales, value_scales, scratch;
  PackedMatrix distance_matrix;
  DistanceKeyPanels distances;
  HeadCache cache;
};

TEST_P(CachedAttentionOnEveryIsa, WholeSequences_EqualDoubles) {
  for (const std::size_t positions : {1, 2, 31, 32, 33, 48, 49, 100}) {
    for (const std::size_t width : {1, 5, 31, 32, 33, 64, 80}) {
      for (const bool causal : {true, false}) {
        for (const Precision precision : kCachePrecisions) {
          Head head(positions, width, positions, precision);
          head.fill(0, positions);
          head.check(head.attend_rows(0, positions, positions, causal), 0, positions, causal);
        }
      }
    }
  }
}

TEST_P(CachedAttentionOnEveryIsa, OneQueryAtATime_EqualsDoubles) {
  for (const std::size_t width : {5, 32, 64}) {
    Head head(70, width, 128);
    for (std::size_t at = 0; at < head.positions; ++at) {
      head.fill(at, 1);
      head.check(head.attend_rows(at, 1, at + 1, true), at, 1, true);
    }
  }
}

TEST_P(CachedAttentionOnEveryIsa, ContinuingAfterAPrefix_EqualsDoubles) {
  Head head(90, 32, 96);
  head.fill(0, 37);
  head.fill(37, 53);
  head.check(head.attend_rows(37, 53, 90, true), 37, 53, true);
}

// A cache that is shorter than the sequence, and moves its last positions to the front when it is full.
TEST_P(CachedAttentionOnEveryIsa, AWindowThatSlides_EqualsDoubles) {
  for (const std::size_t window : {1, 2, 3, 16, 40, 41, 47}) {
    for (const Precision precision : kCachePrecisions) {
      Head head(150, 33, window + kPanelRows, precision);
      std::size_t front = 0;  // the sequence's position that is the cache's first
      for (std::size_t at = 0; at < head.positions; ++at) {
        const std::size_t seen = std::min(at + 1, window);
        if (at - front == head.capacity) {
          const std::size_t from = (at + 1 - seen - front) / kPanelRows * kPanelRows;
          move_to_front(head.cache, from, at - front - from);
          front += from;
        }
        append(head.cache, at - front, 1, {&head.keys[at * head.width], head.width},
               {&head.values[at * head.width], head.width});
        std::vector<float> output(head.width);
        attend(head.cache, {.first = at - front,
                            .positions = at - front + 1,
                            .window = window,
                            .queries = {&head.queries[at * head.width], head.width},
                            .output = {output.data(), head.width},
                            .scratch = head.scratch.data()});
        const auto exact = head.expected_from(at + 1 - seen, at, at + 1);
        for (std::size_t d = 0; d < head.width; ++d) {
          ASSERT_NEAR(output[d], exact[d], tolerance(precision))
              << "window " << window << ", position " << at << ", " << to_string(precision);
        }
      }
    }
  }
}

// Queries one at a time, in blocks of odd sizes, and all at once.
void expect_same_bits(Head& together, Head& stepped, std::size_t first_checked) {
  const std::size_t positions = together.positions, width = together.width;
  together.fill(0, positions);
  const auto all = together.attend_rows(0, positions, positions, true);
  for (std::size_t at = 0; at < positions; ++at) {
    stepped.fill(at, 1);
    if (at < first_checked) continue;
    const auto alone = stepped.attend_rows(at, 1, at + 1, true);
    for (std::size_t d = 0; d < width; ++d) {
      ASSERT_EQ(alone[d], all[at * width + d]) << to_string(together.precision) << " " << at << ", " << d;
    }
  }
  for (std::size_t at = first_checked; at < positions; at += 7) {
    const std::size_t rows = std::min<std::size_t>(7, positions - at);
    const auto some = together.attend_rows(at, rows, at + rows, true);
    for (std::size_t i = 0; i < some.size(); ++i) ASSERT_EQ(some[i], all[at * width + i]) << at << ", " << i;
  }
}

TEST_P(CachedAttentionOnEveryIsa, OneQueryAtATime_EqualsManyToTheBit) {
  for (const Precision precision : kCachePrecisions) {
    for (const std::size_t width : {5, 32, 64}) {
      Head head(75, width, 75, precision), stepped(75, width, 75, precision);
      head.use_distances(0);
      stepped.use_distances(0);
      expect_same_bits(head, stepped, 0);
    }
  }
}

// With weights that are nearly equal over many keys, an int8 cache's rows are rounded by their sums.
TEST_P(CachedAttentionOnEveryIsa, FlatWeightsOverManyKeys_EqualManyToTheBit) {
  for (const Precision precision : kCachePrecisions) {
    Head head(650, 32, 700, precision), stepped(650, 32, 700, precision);
    for (Head* one : {&head, &stepped}) {
      for (float& query : one->queries) query *= 1e-3F;
    }
    expect_same_bits(head, stepped, 500);
  }
}

TEST_P(CachedAttentionOnEveryIsa, DistanceKeys_EqualDoubles) {
  for (const std::size_t positions : {1, 33, 100, 160}) {
    for (const bool causal : {true, false}) {
      Head head(positions, 33, positions);
      head.use_distances(causal ? 0 : positions - 1);
      head.fill(0, positions);
      head.check(head.attend_rows(0, positions, positions, causal), 0, positions, causal);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Isas, CachedAttentionOnEveryIsa, ::testing::ValuesIn(available_isas()), isa_test_name);

}  // namespace
}  // namespace continuo::kernels
