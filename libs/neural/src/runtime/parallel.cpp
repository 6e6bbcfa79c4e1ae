#include "continuo/neural/parallel.h"

#include <algorithm>
#include <memory>

namespace continuo::neural {
namespace {

constexpr std::size_t kPartsPerThread = 8;
// Where each part repeats work, and yet threads may not come.
constexpr std::size_t kRepeatingPartsPerThread = 2;

std::unique_ptr<ThreadPool>& pool() {
  static auto threads = std::make_unique<ThreadPool>(1);
  return threads;
}

}  // namespace

ThreadPool& kernel_threads() { return *pool(); }

void use_threads(int threads) {
  if (threads != pool()->threads()) pool() = std::make_unique<ThreadPool>(threads);
}

std::size_t part_count(const kernels::Parts& parts) {
  const auto threads = std::size_t(kernel_threads().threads());
  if (threads == 1) return 1;
  const std::size_t for_each = !parts.repeats               ? kPartsPerThread
                               : kernel_threads().crowded() ? kRepeatingPartsPerThread
                                                            : 1;
  return std::min(parts.most, threads * for_each);
}

}  // namespace continuo::neural
