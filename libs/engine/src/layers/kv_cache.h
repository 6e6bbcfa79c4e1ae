#pragma once

#include <cstddef>

#include "continuo/kernels/aligned_floats.h"
#include "continuo/kernels/cached_attention.h"

namespace continuo::engine {

// How much of what a KvCache holds.
struct CacheShape {
  std::size_t layers = 0, heads = 0, head_width = 0, capacity = 0;
  kernels::Precision precision = kernels::Precision::kFp32;
  std::size_t int8_group = kernels::int8_group();

  // What attention reads of `positions` positions.
  std::size_t bytes(std::size_t positions) const;
};

// Keys and values of a sequence: of each layer and head, for `capacity` positions. Copying copies all of it.
class KvCache {
 public:
  explicit KvCache(const CacheShape& shape);
  KvCache(const KvCache& other);
  KvCache& operator=(const KvCache&) = delete;

  kernels::HeadCache head(std::size_t layer, std::size_t head) noexcept;
  const CacheShape& shape() const { return shape_; }

 private:
  CacheShape shape_;
  std::size_t key_bytes_, value_bytes_, scale_floats_;  // of one head
  kernels::AlignedFloats memory_;
};

}  // namespace continuo::engine
