#pragma once

#include <cstddef>

#include "continuo/kernels/matrix.h"
#include "continuo/kernels/packed_matrix.h"

// Attention for playing: queries against keys and values that are kept from step to step, the KV cache.
namespace continuo::kernels {

// The keys and values of one attention head, of up to `capacity` positions, in the order in which attend()
// reads them: keys so that a vector holds one feature of many positions (no sum runs across a vector), values
// so that one holds many features of a position. int8 keys and values have a scale for each position. A view; the
// memory belongs to the caller.
struct HeadCache {
  Precision precision = Precision::kFp32;  // kFp16 is for weights only
  std::byte* keys = nullptr;               // key_bytes() of them, aligned to 64 bytes
  std::byte* values = nullptr;             // value_bytes() of them, aligned to 64 bytes
  float* key_scales = nullptr;             // of each position, rounded up to whole panels; kInt8 only
  float* value_scales = nullptr;
  std::size_t capacity = 0;
  std::size_t head_width = 0;
  std::size_t int8_group = kernels::int8_group();  // what it was when the first position was appended; kInt8 only

  static std::size_t key_bytes(Precision precision, std::size_t capacity, std::size_t head_width);
  static std::size_t value_bytes(Precision precision, std::size_t capacity, std::size_t head_width);
  static std::size_t scale_floats(Precision precision, std::size_t capacity);
};

// Puts `rows` keys and values at the positions from `position` on. Shape: keys, values [rows, head_width].
// Requires: position + rows <= capacity; the positions before it were appended.
void append(const HeadCache& cache, std::size_t position, std::size_t rows, Matrix<const float> keys,
            Matrix<const float> values) noexcept;

// Moves the positions [from, from + count) to the front, where they are then [0, count); what was there is lost.
// Requires: `from` is a multiple of kPanelRows; from + count <= capacity.
void move_to_front(const HeadCache& cache, std::size_t from, std::size_t count) noexcept;

// Keys of distances: the score of a query and a key gains the product of the query with the key of their distance,
// query's position - key's position. Column ahead + d belongs to distance d, and all that occur have one.
// Source: Huang et al., "Music Transformer", 2018, section 3.4.
struct DistanceKeyPanels {
  Panels keys;            // depth head_width; keys.data null: none
  std::size_t ahead = 0;  // how far ahead the first column is
};

struct AttentionCall {
  std::size_t rows = 1;              // queries
  std::size_t first = 0;             // position of the first query
  std::size_t positions = 0;         // that the cache holds
  bool causal = true;                // query r attends to the positions 0 to first + r, else to all
  std::size_t window = 0;            // and of those only to the last `window`; 0: all. Requires: causal
  DistanceKeyPanels distances = {};  // optional
  Matrix<const float> queries;       // [rows, head_width]
  Matrix<float> output;              // [rows, head_width]
  float* scratch = nullptr;          // attention_scratch_floats of the cache's capacity, aligned to 64 bytes
};

// output = softmax((queries keys^T + scores of distances) / sqrt(head_width)) values, some rows at a time, so that
// memory grows with the number of positions and not with its square.
// Source: Vaswani et al., "Attention Is All You Need", 2017.
// A query's result is the same bits wherever in the cache its window begins relative to a panel's multiple, and whether
// it comes alone or with others.
// Requires: causal calls have first + rows <= positions.
void attend(const HeadCache& cache, const AttentionCall& call) noexcept;
std::size_t attention_scratch_floats(std::size_t capacity, bool with_distances = false);

}  // namespace continuo::kernels
