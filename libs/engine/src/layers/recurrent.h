#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "continuo/kernels/aligned_floats.h"
#include "continuo/kernels/packed_linear.h"

#include "layers/projection.h"
#include "layers/workers.h"
#include "weights/weight_reader.h"

namespace continuo::engine {

// Units whose four gates lie next to one another: one panel each.
inline constexpr std::size_t kUnitGroup = kernels::kPanelRows;

// What all LSTM layers of a model share.
struct LstmShape {
  std::size_t layers = 0;
  std::size_t width = 0;  // d_model: units of each layer

  std::size_t groups() const { return (width + kUnitGroup - 1) / kUnitGroup; }  // the last may be partly empty
  std::size_t gate_stride() const { return groups() * 4 * kUnitGroup; }
};

struct LstmLayer {
  // Rows group by group, each as kUnitGroup input gates, forget gates, candidates and output gates, so that a
  // thread that owns units owns all that they need.
  kernels::PackedMatrix input;  // with the bias
  kernels::PackedMatrix recurrent;

  std::size_t bytes() const { return input.bytes() + recurrent.bytes(); }
};

// Errors: by the reader's status().
LstmLayer read_lstm(WeightReader& reader, const std::string& name, const LstmShape& shape);

// A prefix, as the network remembers it.
struct LstmState {
  explicit LstmState(const LstmShape& shape);
  LstmState(const LstmState& other);
  LstmState& operator=(const LstmState&) = delete;
  void clear() noexcept;

  kernels::AlignedFloats hidden_state;  // [layers, width]
  kernels::AlignedFloats cell;          // [layers, width]
};

// The memory of a layer's pass over up to `rows` tokens.
struct LstmMemory {
  LstmMemory(const LstmShape& shape, kernels::Precision precision, std::size_t rows);

  kernels::AlignedFloats gates;          // [rows, gate_stride()]
  kernels::AlignedFloats hidden_states;  // [rows, width] of one layer, of several sequences
  PreparedInput input, state;            // of the products under way
};

// One layer: neighbouring tokens of one sequence, or one token of each of several sequences.
class LstmLayerPass {
 public:
  LstmLayerPass(const LstmShape& shape, LstmMemory& memory, const Workers& workers)
      : shape_(shape), memory_(memory), workers_(workers) {}

  // Shape: input, output [rows, width]; states: one, or as many as rows.
  void run(const LstmLayer& layer, std::size_t index, std::size_t rows, kernels::Matrix<const float> input,
           std::span<LstmState* const> states, kernels::Matrix<float> output) const noexcept;

 private:
  using Rows = kernels::Matrix<const float>;

  void recur_in_time(const LstmLayer& layer, std::size_t index, std::size_t rows, Rows input, LstmState& state,
                     kernels::Matrix<float> output) const noexcept;
  void recur_side_by_side(const LstmLayer& layer, std::size_t index, Rows input, std::span<LstmState* const> states,
                          kernels::Matrix<float> output) const noexcept;
  // The units of a range of groups, from the sums of their gates in one row. Shape: cell, hidden_state [width].
  void update_units(kernels::Range groups, std::size_t row, float* cell, float* hidden_state) const noexcept;

  const LstmShape& shape_;
  LstmMemory& memory_;
  const Workers& workers_;
};

}  // namespace continuo::engine
