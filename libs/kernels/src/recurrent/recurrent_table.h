#pragma once

#include "continuo/kernels/isa.h"
#include "continuo/kernels/recurrent.h"

namespace continuo::kernels {

// One instruction set's recurrent layers.
template <typename Number>
struct RecurrentTable {
  void (*lstm)(const LstmForward<Number>&, Part);
  void (*lstm_gradient)(const LstmBackward<Number>&, Part);
  void (*gru)(const GruForward<Number>&, Part);
  void (*gru_gradient)(const GruBackward<Number>&, Part);
};

// Null where this build or this CPU lacks the instruction set.
template <typename Number>
const RecurrentTable<Number>* simd_recurrent_table(Isa isa);
template <typename Number>
const RecurrentTable<Number>& scalar_recurrent_table();

// The update of an LSTM's cells, for playing.
struct LstmCellTable {
  void (*lstm_cell)(const LstmGates&, float* cell, float* hidden_state, std::size_t count) noexcept;
};
const LstmCellTable* simd_lstm_cell_table(Isa isa);
const LstmCellTable& scalar_lstm_cell_table();

}  // namespace continuo::kernels
