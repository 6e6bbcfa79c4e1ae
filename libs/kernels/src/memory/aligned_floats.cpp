#include "continuo/kernels/aligned_floats.h"

#include <algorithm>

#include "continuo/base/platform/platform.h"

namespace continuo::kernels {

AlignedFloats::AlignedFloats(std::size_t count)
    : memory_(static_cast<float*>(platform::allocate_pages(std::max<std::size_t>(count, 1) * sizeof(float))),
              Release{std::max<std::size_t>(count, 1) * sizeof(float)}),
      count_(count) {}

void AlignedFloats::Release::operator()(float* memory) const { platform::free_pages(memory, bytes); }

}  // namespace continuo::kernels
