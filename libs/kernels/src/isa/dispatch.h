#pragma once

#include <array>
#include <cstddef>

#include "continuo/kernels/isa.h"

namespace continuo::kernels {

// Slowest first.
inline constexpr std::array<Isa, 7> kAllIsas = {Isa::kScalar, Isa::kSse4,       Isa::kNeon, Isa::kAvx2,
                                                Isa::kAvx512, Isa::kAvx512Bf16, Isa::kAmx};

// The kernels of one operation: a table of functions for each instruction set. Each operation keeps one as a static
// object, so that choosing costs two loads at each call and nothing within.
template <typename Table>
class Dispatch {
 public:
  // `simd` returns null where this build or this CPU lacks the instruction set; then the scalar kernels are used.
  Dispatch(const Table& scalar, const Table* (*simd)(Isa)) {
    for (const Isa isa : kAllIsas) {
      const Table* table = simd(isa);
      tables_[static_cast<std::size_t>(isa)] = table != nullptr ? table : &scalar;
    }
  }
  // Of the instruction set in use.
  const Table& active() const noexcept { return *tables_[static_cast<std::size_t>(active_isa())]; }

 private:
  std::array<const Table*, kAllIsas.size()> tables_{};
};

}  // namespace continuo::kernels
