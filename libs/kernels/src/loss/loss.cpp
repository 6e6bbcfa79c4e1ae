#include "continuo/kernels/loss.h"

#include "continuo/kernels/number_types.h"

#include "isa/dispatch.h"
#include "loss/loss_table.h"

namespace continuo::kernels {
namespace {

template <typename Number>
const LossTable<Number>& kernels_in_use() {
  static const Dispatch<LossTable<Number>> tables(scalar_loss_table<Number>(), simd_loss_table<Number>);
  return tables.active();
}

}  // namespace

template <typename Number>
void cross_entropy(const CrossEntropy<Number>& call, Part part) {
  kernels_in_use<Number>().cross_entropy(call, part.begin(call.rows), part.end(call.rows));
}

template void cross_entropy(const CrossEntropy<float>&, Part);
template void cross_entropy(const CrossEntropy<Bf16>&, Part);

}  // namespace continuo::kernels
