#include "lstm.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <string>
#include <utility>

#include "continuo/kernels/vector_math.h"

namespace continuo::engine {
namespace {

using kernels::ConstRows;
using kernels::PackedMatrix;
using kernels::Rows;

// Tokens whose input sums are computed together.
constexpr std::size_t kChunk = 256;

class LstmSession final : public Session {
 public:
  LstmSession(std::shared_ptr<const LstmModel> model, ThreadPool& threads)
      : model_(std::move(model)),
        weights_(model_->weights()),
        threads_(threads),
        state_(weights_, 1),
        logits_(static_cast<std::size_t>(weights_.config.vocab_size)),
        task_([this](int index) { LstmPass(weights_, state_).run(team_.worker(index), request_); }) {}

  void reset() noexcept override {
    position_ = 0;
    state_.clear();
  }
  int position() const noexcept override { return position_; }
  bool full() const noexcept override { return position_ == std::numeric_limits<int>::max(); }

  std::span<const float> prefill(std::span<const TokenId> tokens) override {
    grow(std::min(kChunk, tokens.size()));
    for (std::size_t done = 0; done < tokens.size(); done += kChunk) {
      feed(tokens.subspan(done, std::min(kChunk, tokens.size() - done)));
    }
    return {logits_.data(), logits_.size()};
  }

  std::span<const float> step(TokenId token) noexcept override {
    feed({&token, 1});
    return {logits_.data(), logits_.size()};
  }

 private:
  void grow(std::size_t rows) {
    if (rows <= state_.rows) return;
    LstmState larger(weights_, rows);
    std::swap(larger.hidden, state_.hidden);
    std::swap(larger.cell, state_.cell);
    state_ = std::move(larger);
  }

  void feed(std::span<const TokenId> tokens) noexcept {
    request_ = {tokens, logits_.data(), false};
    team_.run(threads_, team_size(threads_.threads(), weights_.bytes, 1), task_);
    position_ += static_cast<int>(tokens.size());
  }

  std::shared_ptr<const LstmModel> model_;
  const LstmWeights& weights_;
  ThreadPool& threads_;
  LstmState state_;
  kernels::AlignedFloats logits_;
  Team team_;
  std::function<void(int)> task_;
  LstmRequest request_;
  int position_ = 0;
};

}  // namespace

LstmWeights::LstmWeights(const checkpoint::ModelConfig& model)
    : config(model), width(static_cast<std::size_t>(model.d_model)), groups((width + kUnitGroup - 1) / kUnitGroup) {}

PackedMatrix LstmWeights::pack_gates(std::span<const float> weights, std::span<const float> bias) const {
  const std::size_t rows = gate_stride();
  std::vector<float> ordered(rows * width);
  std::vector<float> ordered_bias(bias.empty() ? 0 : rows);
  for (std::size_t gate = 0; gate < 4; ++gate) {
    for (std::size_t unit = 0; unit < width; ++unit) {
      const std::size_t from = gate * width + unit;
      const std::size_t to = (unit / kUnitGroup * 4 + gate) * kUnitGroup + unit % kUnitGroup;
      std::copy_n(weights.data() + from * width, width, ordered.data() + to * width);
      if (!bias.empty()) ordered_bias[to] = bias[from];
    }
  }
  return {rows, width, ordered, ordered_bias};
}

void LstmWeights::read(WeightReader& reader) {
  token_embedding = reader.take("token_embedding.weight");
  for (int n = 0; n < config.n_layers && reader.status().ok(); ++n) {
    const std::string name = "layers." + std::to_string(n) + ".lstm";
    const auto input = reader.take(name + ".input.weight");
    const auto recurrent = reader.take(name + ".recurrent.weight");
    const auto bias = reader.take(name + ".bias");
    if (!reader.status().ok()) return;
    layers.push_back({pack_gates(input, bias), pack_gates(recurrent, {})});
    bytes += layers.back().input.bytes() + layers.back().recurrent.bytes();
  }
  const auto matrix = reader.take_output();
  const auto bias = reader.take("output.bias");
  if (!reader.status().ok()) return;
  output = PackedMatrix(static_cast<std::size_t>(config.vocab_size), width, matrix, bias);
  bytes += output.bytes();
}

LstmState::LstmState(const LstmWeights& weights, std::size_t row_count)
    : rows(row_count),
      width(weights.width),
      hidden(weights.layers.size() * width),
      cell(weights.layers.size() * width),
      gates(rows * weights.gate_stride()),
      even(rows * width),
      odd(rows * width) {}

void LstmState::clear() noexcept {
  std::fill_n(hidden.data(), hidden.size(), 0.0F);
  std::fill_n(cell.data(), cell.size(), 0.0F);
}

void LstmPass::run(const Worker& worker, const LstmRequest& request) const noexcept {
  const std::size_t rows = request.tokens.size();
  const std::size_t width = weights_.width;
  const Share groups = worker.share(weights_.groups);
  ConstRows input = embed(worker, request.tokens);
  for (std::size_t layer = 0; layer < weights_.layers.size(); ++layer) {
    linear(weights_.layers[layer].input, {rows, input, {state_.gates.data(), weights_.gate_stride()}},
           {groups.begin * 4, groups.end * 4});
    const Rows output = {layer % 2 == 0 ? state_.odd.data() : state_.even.data(), width};
    recur(worker, layer, rows, output);
    input = {output.data, output.stride};
  }
  const auto vocab = static_cast<std::size_t>(weights_.config.vocab_size);
  const std::size_t skipped = request.all_logits ? 0 : rows - 1;
  const Share panels = worker.share(weights_.output.panels());
  linear(weights_.output, {rows - skipped, {input.data + skipped * width, width}, {request.logits, vocab}},
         {panels.begin, panels.end});
}

// A single token's row is read where it lies.
ConstRows LstmPass::embed(const Worker& worker, std::span<const TokenId> tokens) const noexcept {
  const std::size_t width = weights_.width;
  const auto row_of = [&](TokenId token) {
    return weights_.token_embedding.data() + static_cast<std::size_t>(token) * width;
  };
  if (tokens.size() == 1) return {row_of(tokens[0]), width};
  const Share share = worker.share(tokens.size());
  for (std::size_t row = share.begin; row < share.end; ++row) {
    std::copy_n(row_of(tokens[row]), width, state_.even.data() + row * width);
  }
  worker.sync();
  return {state_.even.data(), width};
}

// Time step by time step: each thread updates its own units, then waits for the others', which its next step
// reads.
void LstmPass::recur(const Worker& worker, std::size_t layer, std::size_t rows, Rows output) const noexcept {
  const std::size_t width = weights_.width;
  const Share groups = worker.share(weights_.groups);
  float* hidden = state_.hidden.data() + layer * width;
  float* cell = state_.cell.data() + layer * width;
  for (std::size_t row = 0; row < rows; ++row) {
    const float* before = row == 0 ? hidden : output.data + (row - 1) * width;
    float* gates = state_.gates.data() + row * weights_.gate_stride();
    const std::size_t stride = weights_.gate_stride();
    linear(weights_.layers[layer].recurrent, {1, {before, width}, {gates, stride}, {gates, stride}},
           {groups.begin * 4, groups.end * 4});
    for (std::size_t group = groups.begin; group < groups.end; ++group) {
      const std::size_t unit = group * kUnitGroup;
      const float* own = gates + unit * 4;
      const kernels::LstmGates sums = {own, own + kUnitGroup, own + 2 * kUnitGroup, own + 3 * kUnitGroup};
      kernels::lstm_cell(sums, cell + unit, output.data + row * width + unit, std::min(kUnitGroup, width - unit));
    }
    worker.sync();
  }
  const std::size_t begin = std::min(width, groups.begin * kUnitGroup);
  const std::size_t end = std::min(width, groups.end * kUnitGroup);
  std::copy(output.data + (rows - 1) * width + begin, output.data + (rows - 1) * width + end, hidden + begin);
}

Result<std::shared_ptr<const Model>> LstmModel::load(const checkpoint::Checkpoint& checkpoint) {
  LstmWeights weights(checkpoint.model);
  WeightReader reader(checkpoint);
  weights.read(reader);
  if (!reader.status().ok()) return reader.status().error();
  return std::make_shared<const LstmModel>(std::move(weights));
}

void LstmModel::forward(std::span<const TokenId> tokens, std::span<float> logits, ThreadPool& threads) const {
  const auto vocab = static_cast<std::size_t>(weights_.config.vocab_size);
  LstmState state(weights_, std::min(kChunk, tokens.size()));
  Team team;
  for (std::size_t done = 0; done < tokens.size(); done += kChunk) {
    const auto part = tokens.subspan(done, std::min(kChunk, tokens.size() - done));
    const LstmRequest request = {part, logits.data() + done * vocab, true};
    team.run(threads, team_size(threads.threads(), weights_.bytes, 1),
             [&](int index) { LstmPass(weights_, state).run(team.worker(index), request); });
  }
}

std::unique_ptr<Session> LstmModel::new_session(ThreadPool& threads) const {
  return std::make_unique<LstmSession>(shared_from_this(), threads);
}

}  // namespace continuo::engine
