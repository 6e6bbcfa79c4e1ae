#pragma once

#include "continuo/kernels/isa.h"

#include "matmul/block_product.h"

namespace continuo::kernels {

// How blocks of bf16 are multiplied by one instruction set that has an instruction for it.
struct Bf16Dot {
  void (*product)(const BlockProduct<Bf16>&);
  // The same bits for up to most_rows rows.
  void (*few_rows)(const FewRowsProduct&);
  std::size_t most_rows;
  // To be called on a thread before the first product, or that of a few rows, and after the last one of a call; null:
  // not needed.
  void (*begin)();
  void (*begin_few)(std::size_t rows);
  void (*end)();
};

// The one of an instruction set; null where it multiplies bf16 by widening them to fp32, or where this build or this
// CPU lacks it.
const Bf16Dot* bf16_dot(Isa isa);
inline const Bf16Dot* active_bf16_dot() { return bf16_dot(active_isa()); }

const Bf16Dot& avx512_bf16_dot();  // Requires: a CPU with AVX512-BF16
const Bf16Dot& amx_dot();          // Requires: a CPU and a system with AMX-BF16

}  // namespace continuo::kernels
