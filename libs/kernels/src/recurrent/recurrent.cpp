#include "continuo/kernels/recurrent.h"

#include "continuo/kernels/number_types.h"

#include "isa/dispatch.h"
#include "recurrent/recurrent_table.h"

namespace continuo::kernels {
namespace {

template <typename Number>
const RecurrentTable<Number>& kernels_in_use() {
  static const Dispatch<RecurrentTable<Number>> tables(scalar_recurrent_table<Number>(), simd_recurrent_table<Number>);
  return tables.active();
}

const CellTable& cells_in_use() {
  static const Dispatch<CellTable> tables(scalar_cell_table(), simd_cell_table);
  return tables.active();
}

}  // namespace

template <typename Number>
std::size_t packed_gates_size(std::size_t gates, std::size_t hidden_size) {
  return gates * packed_size<Number>(hidden_size, hidden_size);
}

template <typename Number>
void pack_gates(std::size_t gates, std::size_t hidden_size, const float* weights, Number* packed, Part part) {
  for (std::size_t gate = 0; gate < gates; ++gate) {
    pack_weights(WeightSide::kForward, hidden_size, hidden_size, weights + gate * hidden_size * hidden_size,
                 packed + packed_gates_size<Number>(gate, hidden_size), part);
  }
}

template <typename Number>
void lstm(const LstmForward<Number>& call, Part part) {
  kernels_in_use<Number>().lstm(call, part);
}
template <typename Number>
void lstm_gradient(const LstmBackward<Number>& call, Part part) {
  kernels_in_use<Number>().lstm_gradient(call, part);
}
template <typename Number>
void gru(const GruForward<Number>& call, Part part) {
  kernels_in_use<Number>().gru(call, part);
}
template <typename Number>
void gru_gradient(const GruBackward<Number>& call, Part part) {
  kernels_in_use<Number>().gru_gradient(call, part);
}

void lstm_cell(const LstmGates& gates, float* cell, float* hidden_state, std::size_t count) noexcept {
  cells_in_use().lstm_cell(gates, cell, hidden_state, count);
}
void gru_cell(const GruGates& gates, float* state, std::size_t count) noexcept {
  cells_in_use().gru_cell(gates, state, count);
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
