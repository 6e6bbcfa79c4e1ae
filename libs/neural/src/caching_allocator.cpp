#include "caching_allocator.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <map>
#include <mutex>
#include <vector>

#include <c10/core/CPUAllocator.h>

#include "continuo/base/platform/platform.h"

namespace continuo::neural {
namespace {

constexpr std::size_t kHeader = 64;  // in front of each block: its size, and the alignment of what follows
constexpr std::uint64_t kAlwaysKept = std::uint64_t{256} << 20;

// Sizes in steps of an eighth of their power of two, so that at most an eighth is wasted.
std::size_t size_class(std::size_t bytes) {
  const std::size_t step = std::max<std::size_t>(64, std::bit_floor(bytes) / 8);
  return (bytes + step - 1) / step * step;
}

class Cache {
 public:
  void* take(std::size_t bytes) {
    const std::size_t size = size_class(bytes + kHeader);
    const std::lock_guard lock(mutex_);
    state_.used += size;
    state_.most_used = std::max(state_.most_used, state_.used);
    auto& blocks = waiting_[size];
    std::byte* block = nullptr;
    if (blocks.empty()) {
      block = static_cast<std::byte*>(platform::allocate_pages(size));
      *reinterpret_cast<std::size_t*>(block) = size;
    } else {
      block = blocks.back();
      blocks.pop_back();
      state_.waiting -= size;
    }
    return block + kHeader;
  }

  void give_back(void* data) {
    auto* block = static_cast<std::byte*>(data) - kHeader;
    const std::size_t size = *reinterpret_cast<std::size_t*>(block);
    const std::lock_guard lock(mutex_);
    state_.used -= size;
    state_.waiting += size;
    waiting_[size].push_back(block);
    if (state_.waiting > std::max(kAlwaysKept, state_.most_used)) release_all();
  }

  CacheState state() {
    const std::lock_guard lock(mutex_);
    return state_;
  }

 private:
  void release_all() {
    for (auto& [size, blocks] : waiting_) {
      for (std::byte* block : blocks) platform::free_pages(block, size);
      blocks.clear();
    }
    state_.waiting = 0;
  }

  std::mutex mutex_;
  std::map<std::size_t, std::vector<std::byte*>> waiting_;
  CacheState state_{};
};

// Never destroyed: tensors may outlive everything else.
Cache& cache() {
  static auto* instance = new Cache;
  return *instance;
}

void give_back(void* data) {
  if (data != nullptr) cache().give_back(data);
}

class CachingAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(std::size_t bytes) const override {
    void* data = bytes == 0 ? nullptr : cache().take(bytes);
    return {data, data, &give_back, c10::Device(c10::DeviceType::CPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &give_back; }
};

}  // namespace

void use_caching_allocator() {
  static CachingAllocator allocator;
  constexpr std::uint8_t kPriority = 1;  // above libtorch's own
  c10::SetCPUAllocator(&allocator, kPriority);
}

CacheState cache_state() { return cache().state(); }

}  // namespace continuo::neural
