#include "continuo/kernels/training/recurrent.h"

#include "recurrent_table.h"

namespace continuo::kernels {
namespace {

template <typename Number>
const RecurrentTable<Number>& table() {
  const RecurrentTable<Number>* simd = simd_recurrent_table<Number>(active_isa());
  return simd != nullptr ? *simd : scalar_recurrent_table<Number>();
}

}  // namespace

template <typename Number>
std::size_t packed_gates_size(std::size_t gates, std::size_t hidden) {
  return gates * packed_size<Number>(hidden, hidden);
}

template <typename Number>
void pack_gates(std::size_t gates, std::size_t hidden, const float* weights, Number* packed, Part part) {
  for (std::size_t gate = 0; gate < gates; ++gate) {
    pack_weights(WeightSide::kForward, hidden, hidden, weights + gate * hidden * hidden,
                 packed + packed_gates_size<Number>(gate, hidden), part);
  }
}

template <typename Number>
void lstm(const LstmForward<Number>& call, Part part) {
  table<Number>().lstm(call, part);
}
template <typename Number>
void lstm_gradient(const LstmBackward<Number>& call, Part part) {
  table<Number>().lstm_gradient(call, part);
}
template <typename Number>
void gru(const GruForward<Number>& call, Part part) {
  table<Number>().gru(call, part);
}
template <typename Number>
void gru_gradient(const GruBackward<Number>& call, Part part) {
  table<Number>().gru_gradient(call, part);
}

template std::size_t packed_gates_size<float>(std::size_t, std::size_t);
template std::size_t packed_gates_size<Bf16>(std::size_t, std::size_t);
template void pack_gates(std::size_t, std::size_t, const float*, float*, Part);
template void pack_gates(std::size_t, std::size_t, const float*, Bf16*, Part);
template void lstm(const LstmForward<float>&, Part);
template void lstm(const LstmForward<Bf16>&, Part);
template void lstm_gradient(const LstmBackward<float>&, Part);
template void lstm_gradient(const LstmBackward<Bf16>&, Part);
template void gru(const GruForward<float>&, Part);
template void gru(const GruForward<Bf16>&, Part);
template void gru_gradient(const GruBackward<float>&, Part);
template void gru_gradient(const GruBackward<Bf16>&, Part);

}  // namespace continuo::kernels
