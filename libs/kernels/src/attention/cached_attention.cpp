#include "continuo/kernels/cached_attention.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "continuo/kernels/elementwise.h"
#include "continuo/kernels/int8.h"
#include "continuo/kernels/number_types.h"

#include "packed/panel_product.h"

namespace continuo::kernels {
namespace {

// Queries whose scores exist at the same time.
constexpr std::size_t kQueryRows = kBlockRows;

std::size_t panels_of(std::size_t count) { return (count + kPanelRows - 1) / kPanelRows; }
// Columns that the distances of a block of queries may take, from a whole panel on.
std::size_t distance_stride(std::size_t capacity) { return (panels_of(capacity + kQueryRows) + 1) * kPanelRows; }

std::size_t group_of(const HeadCache& cache) {
  return cache.precision == Precision::kInt8 ? cache.int8_group : group_of(cache.precision);
}

Panels key_panels(const HeadCache& cache) {
  return {cache.precision, cache.keys, panel_bytes(cache.precision, cache.head_width), cache.key_scales,
          group_of(cache)};
}
// The scales of values, which go by position, are multiplied into the weights.
Panels value_panels(const HeadCache& cache) {
  return {cache.precision, cache.values, panel_bytes(cache.precision, cache.capacity), nullptr, group_of(cache)};
}

// Queries that are answered together, and the positions that any of them attends to. `begin` is a multiple of the
// panel's width, at most where the first query's window begins. Sums over positions grow in their order, and weights of
// positions before a query's window are zero, so it does not matter how far before that window a block begins.
struct QueryBlock {
  const HeadCache& cache;
  const AttentionCall& call;
  std::size_t row, rows;
  std::size_t begin, end;

  QueryBlock(const HeadCache& of, const AttentionCall& from, std::size_t first_row)
      : cache(of),
        call(from),
        row(first_row),
        rows(std::min(kQueryRows, call.rows - row)),
        begin(window_begin(0) / kPanelRows * kPanelRows),
        end(call.causal ? window_end(rows - 1) : call.positions) {}

  // The positions that query r attends to.
  std::size_t window_end(std::size_t r) const { return call.causal ? call.first + row + r + 1 : call.positions; }
  std::size_t window_begin(std::size_t r) const {
    const std::size_t seen = window_end(r);
    return call.window == 0 ? 0 : seen - std::min(seen, call.window);
  }
};

// Scores of a block of queries against its positions. Shape: scores [rows, stride].
void score(const QueryBlock& block, Matrix<float> scores) {
  PanelProduct product;
  product.rows = block.rows;
  product.depth = block.cache.head_width;
  product.columns = block.end - block.begin;
  product.left = block.call.queries.from_row(block.row);
  product.right = key_panels(block.cache).from(block.begin / kPanelRows);
  product.out = scores;
  panel_kernels().product(product);
}

// Adds the scores of distances to those of keys. The distances of a block of queries are neighbours, and each row goes
// through them backwards as the position of the key rises. With a window there are no distances beyond it.
void add_distance_scores(const QueryBlock& block, Matrix<float> scores) {
  const AttentionCall& call = block.call;
  // Columns of the first query and the first position, and of the nearest pair.
  const std::size_t farthest = call.distances.ahead + call.first + block.row - block.begin;
  const std::size_t nearest = farthest - (block.end - block.begin - 1 - (call.causal ? block.rows - 1 : 0));
  const std::size_t panel = nearest / kPanelRows, base = panel * kPanelRows;
  const std::size_t after_last = farthest + block.rows;
  PanelProduct product;
  product.rows = block.rows;
  product.depth = block.cache.head_width;
  product.columns = (call.window == 0 ? after_last : std::min(after_last, call.window)) - base;
  product.left = call.queries.from_row(block.row);
  product.right = call.distances.keys.from(panel);
  product.out = {scores.row(kQueryRows), distance_stride(block.cache.capacity)};
  panel_kernels().product(product);
  for (std::size_t r = 0; r < block.rows; ++r) {
    const float* of_row = product.out.row(r);
    float* line = scores.row(r);
    for (std::size_t at = block.window_begin(r) - block.begin; at < block.window_end(r) - block.begin; ++at) {
      line[at] += of_row[farthest + r - base - at];
    }
  }
}

// Makes scores weights; those outside of a query's window are zero.
void weigh(const QueryBlock& block, Matrix<float> scores) {
  const float scale = 1.0F / std::sqrt(static_cast<float>(block.cache.head_width));
  for (std::size_t r = 0; r < block.rows; ++r) {
    const std::size_t from = block.window_begin(r) - block.begin, to = block.window_end(r) - block.begin;
    float* line = scores.row(r);
    softmax({line + from, to - from}, scale);
    std::fill(line, line + from, 0.0F);
    std::fill(line + to, line + (block.end - block.begin), 0.0F);
    if (block.cache.precision == Precision::kInt8) {
      multiply(line + from, block.cache.value_scales + block.begin + from, line + from, to - from);
    }
  }
}

// Shape: weights [rows, stride], one for each position of the block.
void mix(const QueryBlock& block, Matrix<float> weights) {
  PanelProduct product;
  product.rows = block.rows;
  product.depth = block.end - block.begin;
  product.columns = block.cache.head_width;
  product.left = weights;
  product.right = value_panels(block.cache);
  product.right.data += block.begin * kPanelRows * bytes_of(block.cache.precision);
  product.out = block.call.output.from_row(block.row);
  panel_kernels().product(product);
}

// One number of panels; the rest of a new group becomes zero.
template <std::size_t kStep, typename Number>
void put(std::byte* memory, std::size_t stride, std::size_t k, std::size_t column, Number number, bool new_group) {
  auto* panel = reinterpret_cast<Number*>(memory + column / kPanelRows * stride);
  Number* group = panel + (k / kStep * kPanelRows + column % kPanelRows) * kStep;
  for (std::size_t i = 1; new_group && i < kStep; ++i) group[i] = Number{};
  group[k % kStep] = number;
}

// A group is of features in keys, all of one position, and of neighbouring positions in values.
template <std::size_t kStep, typename Convert>
void put_position(const HeadCache& cache, std::size_t position, const float* key, const float* value,
                  Convert convert_key, Convert convert_value) {
  const std::size_t key_stride = key_panels(cache).stride, value_stride = value_panels(cache).stride;
  const bool new_group = position % kStep == 0;
  for (std::size_t feature = 0; feature < cache.head_width; ++feature) {
    put<kStep>(cache.keys, key_stride, feature, position, convert_key(key[feature]), feature % kStep == 0);
    put<kStep>(cache.values, value_stride, position, feature, convert_value(value[feature]), new_group);
  }
}

struct ToInt8 {
  float scale;
  std::int8_t operator()(float number) const { return to_int8(number, scale); }
};
// As bytes without a sign.
struct ToBytes {
  float scale;
  std::uint8_t operator()(float number) const { return static_cast<std::uint8_t>(to_int8(number, scale) + 128); }
};

void put_int8(const HeadCache& cache, std::size_t position, const float* key, const float* value) {
  const float key_scale = cache.key_scales[position] = int8_scale({key, cache.head_width});
  const float value_scale = cache.value_scales[position] = int8_scale({value, cache.head_width});
  if (cache.int8_group == 4) {
    put_position<4>(cache, position, key, value, ToBytes{key_scale}, ToBytes{value_scale});
  } else {
    put_position<2>(cache, position, key, value, ToInt8{key_scale}, ToInt8{value_scale});
  }
}

}  // namespace

std::size_t HeadCache::key_bytes(Precision precision, std::size_t capacity, std::size_t head_width) {
  return panels_of(capacity) * panel_bytes(precision, head_width);
}

std::size_t HeadCache::value_bytes(Precision precision, std::size_t capacity, std::size_t head_width) {
  return panels_of(head_width) * panel_bytes(precision, capacity);
}

std::size_t HeadCache::scale_floats(Precision precision, std::size_t capacity) {
  return precision == Precision::kInt8 ? panels_of(capacity) * kPanelRows : 0;
}

void append(const HeadCache& cache, std::size_t position, std::size_t rows, Matrix<const float> keys,
            Matrix<const float> values) noexcept {
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t at = position + row;
    const float* key = keys.row(row);
    const float* value = values.row(row);
    switch (cache.precision) {
      case Precision::kFp32:
        put_position<1>(cache, at, key, value, number_from<float>, number_from<float>);
        break;
      case Precision::kBf16:
        put_position<2>(cache, at, key, value, number_from<Bf16>, number_from<Bf16>);
        break;
      case Precision::kInt8:
        put_int8(cache, at, key, value);
        break;
      case Precision::kFp16:
        break;  // for weights only
    }
  }
}

void move_to_front(const HeadCache& cache, std::size_t from, std::size_t count) noexcept {
  const Panels keys = key_panels(cache), values = value_panels(cache);
  std::memmove(cache.keys, cache.keys + from / kPanelRows * keys.stride, panels_of(count) * keys.stride);
  const std::size_t position_bytes = kPanelRows * bytes_of(cache.precision);
  const std::size_t whole_groups = (count + values.group - 1) / values.group * values.group;
  for (std::size_t panel = 0; panel < panels_of(cache.head_width); ++panel) {
    std::byte* of_panel = cache.values + panel * values.stride;
    std::memmove(of_panel, of_panel + from * position_bytes, whole_groups * position_bytes);
  }
  if (cache.precision != Precision::kInt8) return;
  std::memmove(cache.key_scales, cache.key_scales + from, count * sizeof(float));
  std::memmove(cache.value_scales, cache.value_scales + from, count * sizeof(float));
}

void attend(const HeadCache& cache, const AttentionCall& call) noexcept {
  const Matrix<float> scores = {call.scratch, panels_of(cache.capacity) * kPanelRows};
  for (std::size_t row = 0; row < call.rows; row += kQueryRows) {
    const QueryBlock block(cache, call, row);
    score(block, scores);
    if (call.distances.keys.data != nullptr) add_distance_scores(block, scores);
    weigh(block, scores);
    mix(block, scores);
  }
}

std::size_t attention_scratch_floats(std::size_t capacity, bool with_distances) {
  return kQueryRows * (panels_of(capacity) * kPanelRows + (with_distances ? distance_stride(capacity) : 0));
}

}  // namespace continuo::kernels
