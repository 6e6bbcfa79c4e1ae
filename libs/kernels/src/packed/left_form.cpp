#include "packed/left_form.h"

#include "continuo/kernels/isa.h"

#include "matmul/bf16_dot.h"
#include "packed/byte_dot.h"

namespace continuo::kernels {

LeftForm left_form(Precision right) {
  if (active_isa() == Isa::kScalar) return LeftForm::kFloats;
  switch (right) {
    case Precision::kFp32:
    case Precision::kFp16:
      return LeftForm::kFloats;
    case Precision::kBf16:
      return active_bf16_dot() != nullptr ? LeftForm::kBf16 : LeftForm::kFloats;
    case Precision::kInt8:
      return active_byte_dot() != nullptr ? LeftForm::kBytes : LeftForm::kInt16;
  }
  return LeftForm::kFloats;
}

}  // namespace continuo::kernels
