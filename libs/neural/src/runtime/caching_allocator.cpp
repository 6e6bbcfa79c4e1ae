#include "runtime/caching_allocator.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

#include <c10/core/CPUAllocator.h>
#include <torch/version.h>

#include "continuo/base/platform/platform.h"

namespace continuo::neural {
namespace {

// How much may wait beyond a quarter of what has been in use at once.
constexpr std::uint64_t kSlack = std::uint64_t{64} << 20;

// Sizes in steps of a 32nd of their power of two, so that little is wasted and batches of nearly one length share
// blocks. Powers of two, which most tensors' sizes are or are small multiples of, waste nothing.
std::size_t size_class(std::size_t bytes) {
  const std::size_t step = std::max<std::size_t>(64, std::bit_floor(bytes) / 32);
  return (bytes + step - 1) / step * step;
}

class Cache {
 public:
  void* take(std::size_t bytes) {
    const std::size_t size = size_class(bytes);
    const std::lock_guard lock(mutex_);
    state_.used += size;
    state_.most_used = std::max(state_.most_used, state_.used);
    auto& blocks = waiting_[size];
    void* block = nullptr;
    if (blocks.empty()) {
      if (state_.used + state_.waiting > state_.most_used + state_.most_used / 4 + kSlack) release_all();
      block = platform::allocate_pages(size);
      sizes_[block] = size;
    } else {
      block = blocks.back();
      blocks.pop_back();
      state_.waiting -= size;
    }
    return block;
  }

  void give_back(void* block) {
    const std::lock_guard lock(mutex_);
    const std::size_t size = sizes_.at(block);
    state_.used -= size;
    state_.waiting += size;
    waiting_[size].push_back(block);
  }

  CacheState state() {
    const std::lock_guard lock(mutex_);
    return state_;
  }

 private:
  void release_all() {
    for (auto& [size, blocks] : waiting_) {
      for (void* block : blocks) {
        sizes_.erase(block);
        platform::free_pages(block, size);
      }
      blocks.clear();
    }
    state_.waiting = 0;
  }

  std::mutex mutex_;
  std::map<std::size_t, std::vector<void*>> waiting_;
  std::unordered_map<void*, std::size_t> sizes_;
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
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 3)
  c10::DataPtr allocate(std::size_t bytes) override { return take(bytes); }
  void copy_data(void* to, const void* from, std::size_t bytes) const override { std::memcpy(to, from, bytes); }
#else
  c10::DataPtr allocate(std::size_t bytes) const override { return take(bytes); }
#endif
  c10::DeleterFnPtr raw_deleter() const override { return &give_back; }

 private:
  static c10::DataPtr take(std::size_t bytes) {
    void* data = bytes == 0 ? nullptr : cache().take(bytes);
    return {data, data, &give_back, c10::Device(c10::DeviceType::CPU)};
  }
};

}  // namespace

void use_caching_allocator() {
  static CachingAllocator allocator;
  constexpr std::uint8_t kPriority = 1;  // above libtorch's own
  c10::SetCPUAllocator(&allocator, kPriority);
}

CacheState cache_state() { return cache().state(); }

}  // namespace continuo::neural
