#pragma once

#include <cstdint>

#include <ATen/Parallel.h>

#include "continuo/kernels/number_types.h"

namespace continuo::neural {

// Calls work(part) for all parts of a kernel's work, one on each of libtorch's threads.
template <typename Work>
void in_parts(const Work& work) {
  const auto count = std::int64_t(at::get_num_threads());
  at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) work(kernels::Part{std::size_t(i), std::size_t(count)});
  });
}

}  // namespace continuo::neural
