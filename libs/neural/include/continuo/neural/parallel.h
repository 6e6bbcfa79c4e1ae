#pragma once

#include <cstddef>

#include "continuo/base/thread_pool.h"
#include "continuo/kernels/part.h"

namespace continuo::neural {

// The threads of the training kernels: one until use_threads() is called. libtorch's own functions have a pool of their
// own, which must not spin while these work.
ThreadPool& kernel_threads();
// Requires: no kernel is running. Range: threads from 1.
void use_threads(int threads);

// How many parts to cut work into: some for each thread, so that one that comes late leaves something to take over.
std::size_t part_count(const kernels::Parts& parts);

// Calls work(part) for all parts of a kernel's work, on all threads.
template <typename Work>
void in_parts(const kernels::Parts& parts, const Work& work) {
  const std::size_t count = part_count(parts);
  kernel_threads().share(count, [&](std::size_t index, int) { work(kernels::Part{index, count}); });
}

}  // namespace continuo::neural
