#include "continuo/kernels/attention.h"

#include <algorithm>
#include <cmath>

#include "kernel_table.h"

namespace continuo::kernels {
namespace {

// Queries whose scores exist at the same time.
constexpr std::size_t kBlockRows = 48;

std::size_t panels_of(std::size_t count) { return (count + kPanelRows - 1) / kPanelRows; }

// Scores of a block of queries against the positions [0, seen). Shape: scores [rows, stride].
void score(const HeadCache& cache, const AttentionCall& call, std::size_t row, std::size_t rows, std::size_t seen,
           Rows scores) {
  PanelProduct product;
  product.rows = rows;
  product.depth = cache.head_width;
  product.left = {call.queries.data + row * call.queries.stride, call.queries.stride};
  for (std::size_t index = 0; index < panels_of(seen); ++index) {
    product.panel = cache.keys + index * cache.head_width * kPanelRows;
    product.out = {scores.data + index * kPanelRows, scores.stride};
    kernels_in_use().panel_product(product);
  }
}

// Shape: weights [rows, stride], of which the first `seen` columns count.
void mix(const HeadCache& cache, const AttentionCall& call, std::size_t row, std::size_t rows, std::size_t seen,
         Rows weights) {
  PanelProduct product;
  product.rows = rows;
  product.depth = seen;
  product.left = {weights.data, weights.stride};
  for (std::size_t index = 0; index < panels_of(cache.head_width); ++index) {
    const std::size_t feature = index * kPanelRows;
    product.width = std::min(kPanelRows, cache.head_width - feature);
    product.panel = cache.values + feature * cache.capacity;
    product.out = {call.output.data + row * call.output.stride + feature, call.output.stride};
    kernels_in_use().panel_product(product);
  }
}

}  // namespace

std::size_t HeadCache::key_floats(std::size_t capacity, std::size_t head_width) {
  return panels_of(capacity) * kPanelRows * head_width;
}

std::size_t HeadCache::value_floats(std::size_t capacity, std::size_t head_width) {
  return panels_of(head_width) * kPanelRows * capacity;
}

void append(const HeadCache& cache, std::size_t position, std::size_t rows, ConstRows keys, ConstRows values) noexcept {
  const std::size_t width = cache.head_width;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t at = position + row;
    const float* key = keys.data + row * keys.stride;
    const float* value = values.data + row * values.stride;
    float* lane = cache.keys + at / kPanelRows * kPanelRows * width + at % kPanelRows;
    for (std::size_t feature = 0; feature < width; ++feature) lane[feature * kPanelRows] = key[feature];
    for (std::size_t feature = 0; feature < width; feature += kPanelRows) {
      std::copy_n(value + feature, std::min(kPanelRows, width - feature),
                  cache.values + feature * cache.capacity + at * kPanelRows);
    }
  }
}

void attend(const HeadCache& cache, const AttentionCall& call) noexcept {
  const Rows scores = {call.scratch, panels_of(cache.capacity) * kPanelRows};
  const float scale = 1.0F / std::sqrt(static_cast<float>(cache.head_width));
  for (std::size_t row = 0; row < call.rows; row += kBlockRows) {
    const std::size_t rows = std::min(kBlockRows, call.rows - row);
    const std::size_t seen = call.causal ? call.first + row + rows : call.positions;
    score(cache, call, row, rows, seen, scores);
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t length = call.causal ? call.first + row + r + 1 : seen;
      float* line = scores.data + r * scores.stride;
      kernels_in_use().softmax(line, length, scale);
      std::fill(line + length, line + seen, 0.0F);
    }
    mix(cache, call, row, rows, seen, scores);
  }
}

std::size_t attention_scratch_floats(std::size_t capacity) { return kBlockRows * panels_of(capacity) * kPanelRows; }

}  // namespace continuo::kernels
