#include "continuo/kernels/cached_attention.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

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

// Scores of a block of queries against the positions [0, visible). Shape: scores [rows, stride].
void score(const HeadCache& cache, const AttentionCall& call, std::size_t row, std::size_t rows, std::size_t visible,
           Matrix<float> scores) {
  PanelProduct product;
  product.rows = rows;
  product.depth = cache.head_width;
  product.columns = visible;
  product.left = call.queries.from_row(row);
  product.right = key_panels(cache);
  product.out = scores;
  panel_kernels().product(product);
}

// Adds the scores of distances to those of keys. The distances of a block of queries are neighbours, and each row goes
// through them backwards as the position of the key rises.
void add_distance_scores(const HeadCache& cache, const AttentionCall& call, std::size_t row, std::size_t rows,
                         std::size_t visible, Matrix<float> scores) {
  const std::size_t nearest = call.distances.ahead + call.first + row;  // column of the first query and position 0
  const std::size_t panel = (nearest - (visible - 1 - (call.causal ? rows - 1 : 0))) / kPanelRows;
  const std::size_t base = panel * kPanelRows;
  PanelProduct product;
  product.rows = rows;
  product.depth = cache.head_width;
  product.columns = nearest + rows - base;
  product.left = call.queries.from_row(row);
  product.right = call.distances.keys.from(panel);
  product.out = {scores.row(kQueryRows), distance_stride(cache.capacity)};
  panel_kernels().product(product);
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t length = call.causal ? call.first + row + r + 1 : visible;
    const float* of_first = product.out.row(r) + (nearest + r - base);
    float* line = scores.row(r);
    for (std::size_t at = 0; at < length; ++at) line[at] += *(of_first - at);
  }
}

// Shape: weights [rows, stride], of which the first `visible` columns count.
void mix(const HeadCache& cache, const AttentionCall& call, std::size_t row, std::size_t rows, std::size_t visible,
         Matrix<float> weights) {
  PanelProduct product;
  product.rows = rows;
  product.depth = visible;
  product.columns = cache.head_width;
  product.left = weights;
  product.right = value_panels(cache);
  product.out = call.output.from_row(row);
  panel_kernels().product(product);
}

// Where a position goes.
struct Slot {
  std::size_t at;
  bool first_use;  // its group of values holds nothing that is needed
};
Slot slot_of(const HeadCache& cache, std::size_t position) {
  return {position % cache.capacity, position < cache.capacity};
}

// One number of panels; the rest of a new group becomes zero.
template <std::size_t kStep, typename Number>
void put(std::byte* memory, std::size_t stride, std::size_t k, std::size_t column, Number number, bool new_group) {
  auto* panel = reinterpret_cast<Number*>(memory + column / kPanelRows * stride);
  Number* group = panel + (k / kStep * kPanelRows + column % kPanelRows) * kStep;
  for (std::size_t i = 1; new_group && i < kStep; ++i) group[i] = Number{};
  group[k % kStep] = number;
}

// A group is of features in keys, all of one position, and of neighbouring slots in values.
template <std::size_t kStep, typename Convert>
void put_position(const HeadCache& cache, Slot slot, const float* key, const float* value, Convert convert_key,
                  Convert convert_value) {
  const std::size_t key_stride = key_panels(cache).stride, value_stride = value_panels(cache).stride;
  const bool new_group = slot.first_use && slot.at % kStep == 0;
  for (std::size_t feature = 0; feature < cache.head_width; ++feature) {
    put<kStep>(cache.keys, key_stride, feature, slot.at, convert_key(key[feature]), feature % kStep == 0);
    put<kStep>(cache.values, value_stride, slot.at, feature, convert_value(value[feature]), new_group);
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

void put_int8(const HeadCache& cache, Slot slot, const float* key, const float* value) {
  const float key_scale = cache.key_scales[slot.at] = int8_scale({key, cache.head_width});
  const float value_scale = cache.value_scales[slot.at] = int8_scale({value, cache.head_width});
  if (cache.int8_group == 4) {
    put_position<4>(cache, slot, key, value, ToBytes{key_scale}, ToBytes{value_scale});
  } else {
    put_position<2>(cache, slot, key, value, ToInt8{key_scale}, ToInt8{value_scale});
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
    const Slot slot = slot_of(cache, position + row);
    const float* key = keys.row(row);
    const float* value = values.row(row);
    switch (cache.precision) {
      case Precision::kFp32:
        put_position<1>(cache, slot, key, value, number_from<float>, number_from<float>);
        break;
      case Precision::kBf16:
        put_position<2>(cache, slot, key, value, number_from<Bf16>, number_from<Bf16>);
        break;
      case Precision::kInt8:
        put_int8(cache, slot, key, value);
        break;
      case Precision::kFp16:
        break;  // for weights only
    }
  }
}

void attend(const HeadCache& cache, const AttentionCall& call) noexcept {
  const Matrix<float> scores = {call.scratch, panels_of(cache.capacity) * kPanelRows};
  const float scale = 1.0F / std::sqrt(static_cast<float>(cache.head_width));
  for (std::size_t row = 0; row < call.rows; row += kQueryRows) {
    const std::size_t rows = std::min(kQueryRows, call.rows - row);
    const std::size_t visible = call.causal ? call.first + row + rows : call.positions;
    score(cache, call, row, rows, visible, scores);
    if (call.distances.keys.data != nullptr) add_distance_scores(cache, call, row, rows, visible, scores);
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t length = call.causal ? call.first + row + r + 1 : visible;
      float* line = scores.row(r);
      softmax({line, length}, scale);
      std::fill(line + length, line + visible, 0.0F);
      if (cache.precision == Precision::kInt8) multiply(line, cache.value_scales, line, length);
    }
    mix(cache, call, row, rows, visible, scores);
  }
}

std::size_t attention_scratch_floats(std::size_t capacity, bool with_distances) {
  return kQueryRows * (panels_of(capacity) * kPanelRows + (with_distances ? distance_stride(capacity) : 0));
}

}  // namespace continuo::kernels
