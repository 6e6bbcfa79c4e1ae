#include "left_side.h"

#include "continuo/kernels/isa.h"

#include "byte_dot.h"
#include "training/dot.h"

namespace continuo::kernels {

LeftForm left_form(Precision right) {
  if (active_isa() == Isa::kScalar) return LeftForm::kFloats;
  if (right == Precision::kInt8) return active_byte_dot() != nullptr ? LeftForm::kBytes : LeftForm::kInt16;
  return right == Precision::kBf16 && active_bf16_dot() != nullptr ? LeftForm::kBf16 : LeftForm::kFloats;
}

}  // namespace continuo::kernels
