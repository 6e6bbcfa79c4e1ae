#pragma once

#include "continuo/kernels/isa.h"
#include "continuo/kernels/training/recurrent.h"

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

}  // namespace continuo::kernels
