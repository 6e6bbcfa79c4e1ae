#include "lstm.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "continuo/kernels/vector_math.h"

namespace continuo::engine {

using kernels::ConstRows;
using kernels::LinearCall;
using kernels::PackedMatrix;
using kernels::Rows;

LstmWeights::LstmWeights(const checkpoint::ModelConfig& model, Precision weight_precision)
    : config(model),
      precision(weight_precision),
      width(static_cast<std::size_t>(model.d_model)),
      groups((width + kUnitGroup - 1) / kUnitGroup) {}

PackedMatrix LstmWeights::pack_gates(WeightReader& reader, const std::string& name, const Floats& bias) const {
  std::vector<std::size_t> order(gate_stride(), kNoRow);
  std::vector<float> ordered_bias(bias.size() == 0 ? 0 : order.size());
  for (std::size_t gate = 0; gate < 4; ++gate) {
    for (std::size_t unit = 0; unit < width; ++unit) {
      const std::size_t to = (unit / kUnitGroup * 4 + gate) * kUnitGroup + unit % kUnitGroup;
      order[to] = gate * width + unit;
      if (bias.size() != 0) ordered_bias[to] = bias.data()[order[to]];
    }
  }
  return reader.pack(name, order, width, ordered_bias);
}

void LstmWeights::read(WeightReader& reader) {
  token_embedding = reader.take("token_embedding.weight");
  for (int n = 0; n < config.n_layers && reader.status().ok(); ++n) {
    const std::string name = "layers." + std::to_string(n) + ".lstm";
    layers.push_back({pack_gates(reader, name + ".input.weight", reader.view(name + ".bias")),
                      pack_gates(reader, name + ".recurrent.weight", {})});
    bytes += layers.back().input.bytes() + layers.back().recurrent.bytes();
  }
  output = reader.pack(reader.output_name(), reader.view("output.bias").numbers());
  bytes += output.bytes();
}

LstmState::LstmState(const LstmWeights& weights)
    : hidden(weights.layers.size() * weights.width), cell(weights.layers.size() * weights.width) {}

LstmState::LstmState(const LstmState& other) : hidden(other.hidden.size()), cell(other.cell.size()) {
  std::copy_n(other.hidden.data(), hidden.size(), hidden.data());
  std::copy_n(other.cell.data(), cell.size(), cell.data());
}

void LstmState::clear() noexcept {
  std::fill_n(hidden.data(), hidden.size(), 0.0F);
  std::fill_n(cell.data(), cell.size(), 0.0F);
}

LstmActivations::LstmActivations(const LstmWeights& weights, std::size_t row_count)
    : rows(row_count),
      gates(rows * weights.gate_stride()),
      even(rows * weights.width),
      odd(rows * weights.width),
      before(rows * weights.width),
      input(weights.precision, rows, weights.width),
      state(weights.precision, rows, weights.width) {}

void LstmPass::run(const LstmRequest& request) const noexcept {
  const std::size_t rows = request.tokens.size();
  const std::size_t width = weights_.width;
  ConstRows input = embed(request.tokens);
  for (std::size_t layer = 0; layer < weights_.layers.size(); ++layer) {
    const Rows output = {layer % 2 == 0 ? memory_.odd.data() : memory_.even.data(), width};
    if (request.states.size() == 1) {
      recur_in_time(layer, input, request, output);
    } else {
      recur_side_by_side(layer, input, request, output);
    }
    input = {output.data, output.stride};
  }
  const auto vocab = static_cast<std::size_t>(weights_.config.vocab_size);
  const std::size_t skipped = request.all_logits ? 0 : rows - 1;
  LinearCall call = {rows - skipped, {input.data + skipped * width, width}, {request.logits, vocab}};
  call.prepared = memory_.input.of(weights_.output, call.input, call.rows, workers_);
  workers_.share(weights_.output.panels(), cut_of(weights_.output), [&](std::size_t begin, std::size_t end, int) {
    linear(weights_.output, call, {begin, end});
  });
}

// A single token's row is read where it lies.
ConstRows LstmPass::embed(std::span<const TokenId> tokens) const noexcept {
  const std::size_t width = weights_.width;
  const auto row_of = [&](TokenId token) {
    return weights_.token_embedding.data() + static_cast<std::size_t>(token) * width;
  };
  if (tokens.size() == 1) return {row_of(tokens[0]), width};
  for (std::size_t row = 0; row < tokens.size(); ++row) {
    std::copy_n(row_of(tokens[row]), width, memory_.even.data() + row * width);
  }
  return {memory_.even.data(), width};
}

// Products with the gates of the groups [begin, end).
void LstmPass::multiply(const PackedMatrix& matrix, const LinearCall& call, std::size_t begin,
                        std::size_t end) const noexcept {
  linear(matrix, call, {begin * 4, end * 4});
}

// The units of the groups [begin, end), from the sums of their gates in one row. Shape: cell, hidden [width].
void LstmPass::update_units(std::size_t begin, std::size_t end, std::size_t row, float* cell,
                            float* hidden) const noexcept {
  const float* gates = memory_.gates.data() + row * weights_.gate_stride();
  for (std::size_t group = begin; group < end; ++group) {
    const std::size_t unit = group * kUnitGroup;
    const float* own = gates + unit * 4;
    const kernels::LstmGates sums = {own, own + kUnitGroup, own + 2 * kUnitGroup, own + 3 * kUnitGroup};
    kernels::lstm_cell(sums, cell + unit, hidden + unit, std::min(kUnitGroup, weights_.width - unit));
  }
}

// Time step by time step, since each reads all units of the one before. The first step takes the products of all inputs
// along.
void LstmPass::recur_in_time(std::size_t layer, ConstRows input, const LstmRequest& request,
                             Rows output) const noexcept {
  const std::size_t width = weights_.width, stride = weights_.gate_stride(), rows = request.tokens.size();
  float* hidden = request.states[0]->hidden.data() + layer * width;
  float* cell = request.states[0]->cell.data() + layer * width;
  const LstmLayer& weights = weights_.layers[layer];
  LinearCall inputs = {rows, input, {memory_.gates.data(), stride}};
  inputs.prepared = memory_.input.of(weights.input, input, rows, workers_);
  for (std::size_t row = 0; row < rows; ++row) {
    float* gates = memory_.gates.data() + row * stride;
    LinearCall step = {
        1, {row == 0 ? hidden : output.data + (row - 1) * width, width}, {gates, stride}, {gates, stride}};
    step.prepared = memory_.state.of(weights.recurrent, step.input, 1, workers_);
    workers_.share(weights_.groups, {}, [&](std::size_t begin, std::size_t end, int) {
      if (row == 0) multiply(weights.input, inputs, begin, end);
      multiply(weights.recurrent, step, begin, end);
      update_units(begin, end, row, cell, output.data + row * width);
    });
  }
  std::copy_n(output.data + (rows - 1) * width, width, hidden);
}

// One step of several pieces: their states are the rows of one matrix.
void LstmPass::recur_side_by_side(std::size_t layer, ConstRows input, const LstmRequest& request,
                                  Rows output) const noexcept {
  const std::size_t width = weights_.width, stride = weights_.gate_stride(), rows = request.tokens.size();
  for (std::size_t row = 0; row < rows; ++row) {
    std::copy_n(request.states[row]->hidden.data() + layer * width, width, memory_.before.data() + row * width);
  }
  const LstmLayer& weights = weights_.layers[layer];
  const Rows gates = {memory_.gates.data(), stride};
  LinearCall inputs = {rows, input, gates};
  inputs.prepared = memory_.input.of(weights.input, input, rows, workers_);
  LinearCall states = {rows, {memory_.before.data(), width}, gates, {gates.data, stride}};
  states.prepared = memory_.state.of(weights.recurrent, states.input, rows, workers_);
  workers_.share(weights_.groups, {}, [&](std::size_t begin, std::size_t end, int) {
    multiply(weights.input, inputs, begin, end);
    multiply(weights.recurrent, states, begin, end);
    const std::size_t first = begin * kUnitGroup, last = std::min(width, end * kUnitGroup);
    for (std::size_t row = 0; row < rows; ++row) {
      LstmState& state = *request.states[row];
      float* hidden = state.hidden.data() + layer * width;
      update_units(begin, end, row, state.cell.data() + layer * width, hidden);
      std::copy(hidden + first, hidden + last, output.data + row * width + first);
    }
  });
}

Result<std::shared_ptr<const Model>> LstmModel::load(const checkpoint::Checkpoint& checkpoint, Precision precision) {
  LstmWeights weights(checkpoint.model, precision);
  WeightReader reader(checkpoint, precision);
  weights.read(reader);
  if (!reader.status().ok()) return reader.status().error();
  return std::make_shared<const LstmModel>(std::move(weights));
}

void LstmModel::forward(std::span<const TokenId> tokens, std::span<float> logits, ThreadPool& threads) const {
  const auto vocab = static_cast<std::size_t>(weights_.config.vocab_size);
  LstmState state(weights_);
  const std::array<LstmState*, 1> states = {&state};
  LstmActivations memory(weights_, std::min(kLstmChunk, tokens.size()));
  const Workers workers(threads, weights_.bytes, 1);
  for (std::size_t done = 0; done < tokens.size(); done += kLstmChunk) {
    const auto part = tokens.subspan(done, std::min(kLstmChunk, tokens.size() - done));
    const LstmRequest request = {part, states, logits.data() + done * vocab, true};
    LstmPass(weights_, memory, workers).run(request);
  }
}

}  // namespace continuo::engine
