#include "layers/kv_cache.h"

#include <algorithm>

namespace continuo::engine {

using kernels::HeadCache;

std::size_t CacheShape::bytes(std::size_t positions) const {
  const std::size_t scales = precision == kernels::Precision::kInt8 ? sizeof(float) : 0;
  return 2 * layers * heads * positions * (head_width * kernels::bytes_of(precision) + scales);
}

KvCache::KvCache(const CacheShape& shape)
    : shape_(shape),
      key_bytes_(HeadCache::key_bytes(shape.precision, shape.capacity, shape.head_width)),
      value_bytes_(HeadCache::value_bytes(shape.precision, shape.capacity, shape.head_width)),
      scale_floats_(HeadCache::scale_floats(shape.precision, shape.capacity)),
      memory_(shape.layers * shape.heads * ((key_bytes_ + value_bytes_) / sizeof(float) + 2 * scale_floats_)) {}

KvCache::KvCache(const KvCache& other) : KvCache(other.shape_) {
  std::copy_n(other.memory_.data(), memory_.size(), memory_.data());
  first_position_ = other.first_position_;
}

void KvCache::make_room(std::size_t position, std::size_t rows, std::size_t remembered) noexcept {
  if (position + rows <= first_position_ + shape_.capacity) return;
  const std::size_t oldest = position - std::min(position, remembered);
  const std::size_t first = std::max(first_position_, oldest / kernels::kPanelRows * kernels::kPanelRows);
  for (std::size_t layer = 0; layer < shape_.layers; ++layer) {
    for (std::size_t h = 0; h < shape_.heads; ++h) {
      kernels::move_to_front(head(layer, h), first - first_position_, position - first);
    }
  }
  first_position_ = first;
}

// Heads lie one after the other, each with its keys, values and scales.
HeadCache KvCache::head(std::size_t layer, std::size_t head) noexcept {
  const std::size_t stride = (key_bytes_ + value_bytes_) / sizeof(float) + 2 * scale_floats_;
  float* memory = memory_.data() + (layer * shape_.heads + head) * stride;
  HeadCache cache;
  cache.precision = shape_.precision;
  cache.keys = reinterpret_cast<std::byte*>(memory);
  cache.values = cache.keys + key_bytes_;
  if (scale_floats_ > 0) {
    cache.key_scales = memory + (key_bytes_ + value_bytes_) / sizeof(float);
    cache.value_scales = cache.key_scales + scale_floats_;
  }
  cache.capacity = shape_.capacity;
  cache.head_width = shape_.head_width;
  cache.int8_group = shape_.int8_group;
  return cache;
}

}  // namespace continuo::engine
