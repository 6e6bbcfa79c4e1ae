#pragma once

#include <cstddef>

#include "continuo/kernels/aligned_floats.h"
#include "continuo/kernels/blocks.h"
#include "continuo/kernels/cached_attention.h"

namespace continuo::engine {

// How much of what a KvCache holds.
struct CacheShape {
  std::size_t layers = 0, heads = 0, head_width = 0, capacity = 0;
  kernels::Precision precision = kernels::Precision::kFp32;
  std::size_t int8_group = kernels::int8_group();

  // Room for make_room() of `rows` positions that keep `remembered` ones before them.
  static constexpr std::size_t sliding_capacity(std::size_t remembered, std::size_t rows) {
    return (remembered / kernels::kPanelRows + 2) * kernels::kPanelRows + rows;
  }
  // What attention reads of `positions` positions.
  std::size_t bytes(std::size_t positions) const;
};

// Keys and values of a sequence: of each layer and head, for `capacity` neighbouring positions. Copying copies
// all of it.
//
// Where attention has no window, a sequence begins at position 0 and ends when the cache is full. Where each position
// attends to the last ones alone (a memory, or the window of a recurrent model's outputs), it never ends: before the
// cache would overflow, make_room() moves the positions that are still attended to to its front, from a whole panel on,
// so that products find the same numbers in the same order as in a cache that never moved.
class KvCache {
 public:
  explicit KvCache(const CacheShape& shape);
  KvCache(const KvCache& other);
  KvCache& operator=(const KvCache&) = delete;

  kernels::HeadCache head(std::size_t layer, std::size_t head) noexcept;
  const CacheShape& shape() const { return shape_; }

  // The position of the first that the cache has room for, a multiple of kPanelRows.
  std::size_t first_position() const noexcept { return first_position_; }
  // Makes room for `rows` positions from `position` on, which keep `remembered` positions before them.
  // Requires: remembered + kPanelRows + rows <= capacity, or all of them fit as it is.
  void make_room(std::size_t position, std::size_t rows, std::size_t remembered) noexcept;
  void clear() noexcept { first_position_ = 0; }

 private:
  CacheShape shape_;
  std::size_t first_position_ = 0;
  std::size_t key_bytes_, value_bytes_, scale_floats_;  // of one head
  kernels::AlignedFloats memory_;
};

}  // namespace continuo::engine
