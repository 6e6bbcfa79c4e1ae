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

// The update of cells, for playing.
struct CellTable {
  void (*lstm_cell)(const LstmGates&, float* cell, float* hidden_state, std::size_t count) noexcept;
  void (*gru_cell)(const GruGates&, float* state, std::size_t count) noexcept;
};
const CellTable* simd_cell_table(Isa isa);
const CellTable& scalar_cell_table();

}  // namespace continuo::kernels
