#include "packed/byte_dot.h"

#include <atomic>

#include "isa/cpu_features.h"

namespace continuo::kernels {
namespace {

std::atomic<bool>& byte_dots_allowed() {
  static std::atomic<bool> allowed{true};
  return allowed;
}

}  // namespace

const ByteDot* byte_dot([[maybe_unused]] Isa isa) {
#if defined(__x86_64__)
  if (!byte_dots_allowed().load(std::memory_order_relaxed)) return nullptr;
  if (isa == Isa::kAmx && runs_amx_int8() && runs_avx512_vnni()) return &amx_byte_dot();
  const bool avx512 = isa == Isa::kAvx512 || isa == Isa::kAvx512Bf16 || isa == Isa::kAmx;
  if (avx512 && runs_avx512_vnni()) return &avx512_byte_dot();
  if (isa == Isa::kAvx2 && runs_avx_vnni()) return &avx_byte_dot();
#endif
  return nullptr;
}

void use_byte_dots(bool use) { byte_dots_allowed().store(use, std::memory_order_relaxed); }

std::size_t int8_group() { return active_byte_dot() != nullptr ? kByteGroup : 2; }

}  // namespace continuo::kernels
