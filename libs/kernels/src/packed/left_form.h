#pragma once

#include "continuo/kernels/precision.h"

namespace continuo::kernels {

// What a product makes of a row of its left side before it multiplies.
enum class LeftForm {
  kFloats,  // nothing
  kBf16,    // numbers rounded to bf16, for the CPU's own instruction
  kInt16,   // whole numbers of 16 bits, some steps apart
  kBytes,   // the same as two bytes with a sign, x = 256 upper + lower: all upper ones, then all lower ones
};

// Of products with panels of this precision, by the instruction set in use.
LeftForm left_form(Precision right);

}  // namespace continuo::kernels
