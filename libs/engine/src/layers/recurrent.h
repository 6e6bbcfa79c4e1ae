#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "continuo/kernels/aligned_floats.h"
#include "continuo/kernels/packed_linear.h"

#include "layers/kv_cache.h"
#include "layers/projection.h"
#include "layers/workers.h"
#include "weights/weight_reader.h"

namespace continuo::engine {

// Units whose gates' sums are next to one another: a panel for each of four sums.
inline constexpr std::size_t kUnitGroup = kernels::kPanelRows;
inline constexpr std::size_t kSums = 4;

// What all recurrent layers of a model share.
struct RecurrentShape {
  explicit RecurrentShape(const checkpoint::ModelConfig& model)
      : layers(static_cast<std::size_t>(model.n_layers)),
        width(static_cast<std::size_t>(model.d_model)),
        cell(model.cell) {}

  std::size_t layers;
  std::size_t width;  // d_model: units of each layer
  checkpoint::CellKind cell;

  std::size_t groups() const { return (width + kUnitGroup - 1) / kUnitGroup; }  // the last may be partly empty
  std::size_t gate_stride() const { return groups() * kSums * kUnitGroup; }
};

struct RecurrentLayer {
  // Rows group by group, each as kUnitGroup rows for each sum, so that a thread that owns units owns all that they
  // need. LSTM: i, f, g, o. GRU: r, z, and two sums of n, because the reset gate multiplies the recurrent one before
  // both are added: that of the input, with rows of zeros in `recurrent`, and the recurrent one, with rows of zeros in
  // `input` and which has its bias there.
  kernels::PackedMatrix input;  // with the biases
  kernels::PackedMatrix recurrent;

  std::size_t bytes() const { return input.bytes() + recurrent.bytes(); }
};

// The layer whose tensors begin with `name`.CELL. Errors: by the reader's status().
RecurrentLayer read_recurrent(WeightReader& reader, const std::string& name, const RecurrentShape& shape);

// A prefix, as the network remembers it. Copying copies all of it.
struct RecurrentState {
  // `window_shape`: of the keys and values of the last outputs, for models with attention.
  RecurrentState(const RecurrentShape& shape, const std::optional<CacheShape>& window_shape);
  RecurrentState(const RecurrentState& other);
  RecurrentState& operator=(const RecurrentState&) = delete;
  void clear() noexcept;

  kernels::AlignedFloats hidden_state;  // [layers, width]
  kernels::AlignedFloats cell;          // [layers, width]; of the GRU the same as hidden_state
  std::optional<KvCache> window;
  std::size_t position = 0;  // tokens of the prefix
};

// The memory of a layer's pass over up to `rows` tokens.
struct RecurrentMemory {
  RecurrentMemory(const RecurrentShape& shape, kernels::Precision precision, std::size_t rows);

  kernels::AlignedFloats gates;          // [rows, gate_stride()]
  kernels::AlignedFloats hidden_states;  // [rows, width] of one layer, of several sequences
  PreparedInput input, state;            // of the products under way
};

// One layer: neighbouring tokens of one sequence, or one token of each of several sequences.
class RecurrentLayerPass {
 public:
  RecurrentLayerPass(const RecurrentShape& shape, RecurrentMemory& memory, const Workers& workers)
      : shape_(shape), memory_(memory), workers_(workers) {}

  // Shape: input, output [rows, width]; states: one, or as many as rows.
  void run(const RecurrentLayer& layer, std::size_t index, std::size_t rows, kernels::Matrix<const float> input,
           std::span<RecurrentState* const> states, kernels::Matrix<float> output) const noexcept;

 private:
  using Rows = kernels::Matrix<const float>;

  void recur_in_time(const RecurrentLayer& layer, std::size_t index, std::size_t rows, Rows input,
                     RecurrentState& state, kernels::Matrix<float> output) const noexcept;
  void recur_side_by_side(const RecurrentLayer& layer, std::size_t index, Rows input,
                          std::span<RecurrentState* const> states, kernels::Matrix<float> output) const noexcept;
  // The units of a range of groups, from their sums in one row. Shape: cell, hidden_state [width].
  void update_units(kernels::Range groups, std::size_t row, float* cell, float* hidden_state) const noexcept;

  const RecurrentShape& shape_;
  RecurrentMemory& memory_;
  const Workers& workers_;
};

}  // namespace continuo::engine
