#pragma once

#include "continuo/kernels/isa.h"
#include "continuo/kernels/rotary.h"

namespace continuo::kernels {

// One instruction set's rotation of the rows [begin, end).
template <typename Number>
struct RotationTable {
  void (*rotate)(const Rotation<Number>&, std::size_t begin, std::size_t end);
};
// Null where this build or this CPU lacks the instruction set.
template <typename Number>
const RotationTable<Number>* simd_rotation_table(Isa isa);
template <typename Number>
const RotationTable<Number>& scalar_rotation_table();

}  // namespace continuo::kernels
