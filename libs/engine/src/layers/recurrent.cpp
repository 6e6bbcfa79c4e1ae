#include "layers/recurrent.h"

#include <algorithm>
#include <array>
#include <vector>

#include "continuo/kernels/recurrent.h"

namespace continuo::engine {
namespace {

using kernels::LinearCall;
using kernels::Matrix;
using kernels::PackedMatrix;

// Which sum of a group each gate of a matrix adds to.
struct GateSums {
  std::array<std::size_t, 4> input, recurrent;
};
GateSums gate_sums(checkpoint::CellKind cell) {
  switch (cell) {
    case checkpoint::CellKind::kLstm:
      return {{0, 1, 2, 3}, {0, 1, 2, 3}};
    case checkpoint::CellKind::kGru:
      return {{0, 1, 2}, {0, 1, 3}};
  }
  return {};
}

// The column of a unit's sum, which is also the row of the packed matrix.
std::size_t place_of(std::size_t sum, std::size_t unit) {
  return (unit / kUnitGroup * kSums + sum) * kUnitGroup + unit % kUnitGroup;
}

PackedMatrix pack_gates(WeightReader& reader, const std::string& name, const RecurrentShape& shape,
                        const std::array<std::size_t, 4>& sums, std::span<const float> bias) {
  std::vector<std::size_t> order(shape.gate_stride(), kNoRow);
  const auto gates = static_cast<std::size_t>(checkpoint::traits_of(shape.cell).gates);
  for (std::size_t gate = 0; gate < gates; ++gate) {
    for (std::size_t unit = 0; unit < shape.width; ++unit) {
      order[place_of(sums[gate], unit)] = gate * shape.width + unit;
    }
  }
  return reader.pack(name, order, shape.width, bias);
}

// Puts the biases of whole gates at the places of their sums.
void place_bias(const Floats& from, std::span<const std::size_t> sums, std::size_t width, std::vector<float>& to) {
  for (std::size_t i = 0; i < from.size(); ++i) to[place_of(sums[i / width], i % width)] = from.data()[i];
}

// Products with the gates of a range of groups.
void multiply(const PackedMatrix& matrix, const LinearCall& call, kernels::Range groups) noexcept {
  linear(matrix, call, {groups.begin * kSums, groups.end * kSums});
}

}  // namespace

RecurrentLayer read_recurrent(WeightReader& reader, const std::string& name, const RecurrentShape& shape) {
  const checkpoint::CellTraits cell = checkpoint::traits_of(shape.cell);
  const std::string own = name + "." + std::string(cell.name);
  const GateSums sums = gate_sums(shape.cell);
  std::vector<float> bias(shape.gate_stride());
  place_bias(reader.view(own + ".bias"), sums.input, shape.width, bias);
  if (cell.recurrent_bias) {
    place_bias(reader.view(own + ".recurrent_bias"), {&sums.recurrent.at(2), 1}, shape.width, bias);
  }
  return {pack_gates(reader, own + ".input.weight", shape, sums.input, bias),
          pack_gates(reader, own + ".recurrent.weight", shape, sums.recurrent, {})};
}

RecurrentState::RecurrentState(const RecurrentShape& shape, const std::optional<CacheShape>& window_shape)
    : hidden_state(shape.layers * shape.width), cell(shape.layers * shape.width) {
  if (window_shape) window.emplace(*window_shape);
}

RecurrentState::RecurrentState(const RecurrentState& other)
    : hidden_state(other.hidden_state.size()), cell(other.cell.size()), window(other.window), position(other.position) {
  std::copy_n(other.hidden_state.data(), hidden_state.size(), hidden_state.data());
  std::copy_n(other.cell.data(), cell.size(), cell.data());
}

void RecurrentState::clear() noexcept {
  position = 0;
  if (window) window->clear();
  std::fill_n(hidden_state.data(), hidden_state.size(), 0.0F);
  std::fill_n(cell.data(), cell.size(), 0.0F);
}

RecurrentMemory::RecurrentMemory(const RecurrentShape& shape, kernels::Precision precision, std::size_t rows)
    : gates(rows * shape.gate_stride()),
      hidden_states(rows * shape.width),
      input(precision, rows, shape.width),
      state(precision, rows, shape.width) {}

void RecurrentLayerPass::run(const RecurrentLayer& layer, std::size_t index, std::size_t rows, Rows input,
                             std::span<RecurrentState* const> states, Matrix<float> output) const noexcept {
  if (states.size() == 1) {
    recur_in_time(layer, index, rows, input, *states[0], output);
  } else {
    recur_side_by_side(layer, index, input, states, output);
  }
}

void RecurrentLayerPass::update_units(kernels::Range groups, std::size_t row, float* cell,
                                      float* hidden_state) const noexcept {
  const float* sums = memory_.gates.data() + row * shape_.gate_stride();
  for (std::size_t group = groups.begin; group < groups.end; ++group) {
    const std::size_t unit = group * kUnitGroup, count = std::min(kUnitGroup, shape_.width - unit);
    const float *first = sums + unit * kSums, *second = first + kUnitGroup, *third = second + kUnitGroup,
                *fourth = third + kUnitGroup;
    switch (shape_.cell) {
      case checkpoint::CellKind::kLstm:
        kernels::lstm_cell({first, second, third, fourth}, cell + unit, hidden_state + unit, count);
        break;
      case checkpoint::CellKind::kGru:
        kernels::gru_cell({first, second, third, fourth}, cell + unit, count);
        std::copy_n(cell + unit, count, hidden_state + unit);
        break;
    }
  }
}

// Time step by time step, since each reads all units of the one before. The first step computes the products of all
// inputs as well.
void RecurrentLayerPass::recur_in_time(const RecurrentLayer& layer, std::size_t index, std::size_t rows, Rows input,
                                       RecurrentState& state, Matrix<float> output) const noexcept {
  const std::size_t width = shape_.width, stride = shape_.gate_stride();
  float* hidden_state = state.hidden_state.data() + index * width;
  float* cell = state.cell.data() + index * width;
  LinearCall inputs = {rows, input, {memory_.gates.data(), stride}};
  inputs.prepared = memory_.input.of(layer.input, input, rows, workers_);
  for (std::size_t row = 0; row < rows; ++row) {
    const Matrix<float> gates = {memory_.gates.data() + row * stride, stride};
    LinearCall step = {1, {row == 0 ? hidden_state : output.row(row - 1), width}, gates, gates};
    step.prepared = memory_.state.of(layer.recurrent, step.input, 1, workers_);
    workers_.share(shape_.groups(), {}, [&](std::size_t begin, std::size_t end, int) {
      if (row == 0) multiply(layer.input, inputs, {begin, end});
      multiply(layer.recurrent, step, {begin, end});
      update_units({begin, end}, row, cell, output.row(row));
    });
  }
  std::copy_n(output.row(rows - 1), width, hidden_state);
}

// One step of several sequences: their states are the rows of one matrix.
void RecurrentLayerPass::recur_side_by_side(const RecurrentLayer& layer, std::size_t index, Rows input,
                                            std::span<RecurrentState* const> states,
                                            Matrix<float> output) const noexcept {
  const std::size_t width = shape_.width, rows = states.size();
  const Matrix<float> hidden_states = {memory_.hidden_states.data(), width};
  for (std::size_t row = 0; row < rows; ++row) {
    std::copy_n(states[row]->hidden_state.data() + index * width, width, hidden_states.row(row));
  }
  const Matrix<float> gates = {memory_.gates.data(), shape_.gate_stride()};
  LinearCall inputs = {rows, input, gates};
  inputs.prepared = memory_.input.of(layer.input, input, rows, workers_);
  LinearCall recurrent = {rows, hidden_states, gates, gates};
  recurrent.prepared = memory_.state.of(layer.recurrent, recurrent.input, rows, workers_);
  workers_.share(shape_.groups(), {}, [&](std::size_t begin, std::size_t end, int) {
    multiply(layer.input, inputs, {begin, end});
    multiply(layer.recurrent, recurrent, {begin, end});
    const std::size_t first = begin * kUnitGroup, last = std::min(width, end * kUnitGroup);
    for (std::size_t row = 0; row < rows; ++row) {
      float* hidden_state = states[row]->hidden_state.data() + index * width;
      update_units({begin, end}, row, states[row]->cell.data() + index * width, hidden_state);
      std::copy(hidden_state + first, hidden_state + last, output.row(row) + first);
    }
  });
}

}  // namespace continuo::engine
