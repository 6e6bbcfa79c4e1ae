#include "layers/recurrent.h"

#include <algorithm>
#include <vector>

#include "continuo/kernels/recurrent.h"

namespace continuo::engine {
namespace {

using kernels::LinearCall;
using kernels::Matrix;
using kernels::PackedMatrix;

PackedMatrix pack_gates(WeightReader& reader, const std::string& name, const LstmShape& shape, const Floats& bias) {
  std::vector<std::size_t> order(shape.gate_stride(), kNoRow);
  std::vector<float> ordered_bias(bias.size() == 0 ? 0 : order.size());
  for (std::size_t gate = 0; gate < 4; ++gate) {
    for (std::size_t unit = 0; unit < shape.width; ++unit) {
      const std::size_t to = (unit / kUnitGroup * 4 + gate) * kUnitGroup + unit % kUnitGroup;
      order[to] = gate * shape.width + unit;
      if (bias.size() != 0) ordered_bias[to] = bias.data()[order[to]];
    }
  }
  return reader.pack(name, order, shape.width, ordered_bias);
}

// Products with the gates of a range of groups.
void multiply(const PackedMatrix& matrix, const LinearCall& call, kernels::Range groups) noexcept {
  linear(matrix, call, {groups.begin * 4, groups.end * 4});
}

}  // namespace

LstmLayer read_lstm(WeightReader& reader, const std::string& name, const LstmShape& shape) {
  return {pack_gates(reader, name + ".input.weight", shape, reader.view(name + ".bias")),
          pack_gates(reader, name + ".recurrent.weight", shape, {})};
}

LstmState::LstmState(const LstmShape& shape)
    : hidden_state(shape.layers * shape.width), cell(shape.layers * shape.width) {}

LstmState::LstmState(const LstmState& other) : hidden_state(other.hidden_state.size()), cell(other.cell.size()) {
  std::copy_n(other.hidden_state.data(), hidden_state.size(), hidden_state.data());
  std::copy_n(other.cell.data(), cell.size(), cell.data());
}

void LstmState::clear() noexcept {
  std::fill_n(hidden_state.data(), hidden_state.size(), 0.0F);
  std::fill_n(cell.data(), cell.size(), 0.0F);
}

LstmMemory::LstmMemory(const LstmShape& shape, kernels::Precision precision, std::size_t rows)
    : gates(rows * shape.gate_stride()),
      hidden_states(rows * shape.width),
      input(precision, rows, shape.width),
      state(precision, rows, shape.width) {}

void LstmLayerPass::run(const LstmLayer& layer, std::size_t index, std::size_t rows, Rows input,
                        std::span<LstmState* const> states, Matrix<float> output) const noexcept {
  if (states.size() == 1) {
    recur_in_time(layer, index, rows, input, *states[0], output);
  } else {
    recur_side_by_side(layer, index, input, states, output);
  }
}

void LstmLayerPass::update_units(kernels::Range groups, std::size_t row, float* cell,
                                 float* hidden_state) const noexcept {
  const float* gates = memory_.gates.data() + row * shape_.gate_stride();
  for (std::size_t group = groups.begin; group < groups.end; ++group) {
    const std::size_t unit = group * kUnitGroup;
    const float* own = gates + unit * 4;
    const kernels::LstmGates sums = {own, own + kUnitGroup, own + 2 * kUnitGroup, own + 3 * kUnitGroup};
    kernels::lstm_cell(sums, cell + unit, hidden_state + unit, std::min(kUnitGroup, shape_.width - unit));
  }
}

// Time step by time step, since each reads all units of the one before. The first step computes the products of all
// inputs as well.
void LstmLayerPass::recur_in_time(const LstmLayer& layer, std::size_t index, std::size_t rows, Rows input,
                                  LstmState& state, Matrix<float> output) const noexcept {
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
void LstmLayerPass::recur_side_by_side(const LstmLayer& layer, std::size_t index, Rows input,
                                       std::span<LstmState* const> states, Matrix<float> output) const noexcept {
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
