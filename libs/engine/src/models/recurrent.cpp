#include "models/recurrent.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "continuo/checkpoint/tensor_names.h"

namespace continuo::engine {

using kernels::Matrix;

RecurrentWeights::RecurrentWeights(const checkpoint::ModelConfig& model, Precision weight_precision,
                                   Precision cache_precision)
    : config(model), precision(weight_precision), shape(model) {
  if (model.has_attention()) attention.emplace(model, cache_precision);
}

void RecurrentWeights::read(WeightReader& reader) {
  embedding = read_embedding(reader, config);
  for (std::size_t n = 0; n < shape.layers && reader.status().ok(); ++n) {
    layers.push_back(read_recurrent(reader, "layers." + std::to_string(n), shape));
    bytes += layers.back().bytes();
  }
  if (attention) {
    attention->layer = read_attention(reader, checkpoint::last_layer_attention(config), attention->config);
    bytes += attention->layer.bytes();
  }
  output = read_output(reader);
  bytes += output.bytes();
}

RecurrentActivations::RecurrentActivations(const RecurrentWeights& weights, std::size_t row_count, int threads)
    : rows(row_count),
      layer(weights.shape, weights.precision, rows),
      even(rows * weights.shape.width),
      odd(rows * weights.shape.width) {
  if (!weights.attention) return;
  attention.emplace(weights.attention->config, rows, weights.attention->cache.capacity, threads);
  segments.resize(rows);
}

void RecurrentPass::run(const RecurrentRequest& request) const noexcept {
  const std::size_t rows = request.input.size(), width = weights_.shape.width;
  if (rows == 0) return;
  const RecurrentLayerPass pass(weights_.shape, memory_.layer, workers_);
  Matrix<const float> input = embed(request.input);
  Matrix<float> output;
  for (std::size_t layer = 0; layer < weights_.layers.size(); ++layer) {
    output = {layer % 2 == 0 ? memory_.odd.data() : memory_.even.data(), width};
    pass.run(weights_.layers[layer], layer, rows, input, request.states, output);
    input = output;
  }
  if (weights_.attention) attend(output, request);
  for (RecurrentState* state : request.states) state->position += rows / request.states.size();
  write_logits(input, request);
}

void RecurrentPass::attend(Matrix<float> outputs, const RecurrentRequest& request) const noexcept {
  const OutputAttention& attention = *weights_.attention;
  const std::size_t rows = request.input.size(), count = request.states.size(), each = rows / count;
  for (std::size_t i = 0; i < count; ++i) {
    RecurrentState& state = *request.states[i];
    state.window->make_room(state.position, each, attention.config.remembered());
    memory_.segments[i] = {request.input.part(i * each, each), state.position, &*state.window};
  }
  const AttentionPass pass(attention.config, *memory_.attention, memory_.layer.input, workers_);
  const Matrix<const float> mixed = pass.run(attention.layer, 0, outputs, rows, {memory_.segments.data(), count});
  project(attention.layer.proj, {rows, mixed, outputs, outputs}, memory_.layer.input, workers_);
}

void RecurrentPass::write_logits(Matrix<const float> input, const RecurrentRequest& request) const noexcept {
  const auto vocab = static_cast<std::size_t>(weights_.config.vocab_size);
  const std::size_t rows = request.input.size(), skipped = request.all_logits ? 0 : rows - 1;
  project(weights_.output, {rows - skipped, input.from_row(skipped), {request.logits, vocab}}, memory_.layer.input,
          workers_);
}

// A single token's row is read where it lies, if nothing is added to it.
Matrix<const float> RecurrentPass::embed(Input input) const noexcept {
  const std::size_t width = weights_.shape.width;
  if (input.size() == 1 && weights_.embedding.is_only_tokens()) {
    return {weights_.embedding.token(input.tokens[0]), width};
  }
  engine::embed(weights_.embedding, input, 0, memory_.even.data());
  return {memory_.even.data(), width};
}

Result<std::shared_ptr<const Model>> RecurrentModel::load(const checkpoint::Checkpoint& checkpoint, Precision precision,
                                                          Precision cache) {
  RecurrentWeights weights(checkpoint.model, precision, cache);
  WeightReader reader(checkpoint, precision);
  weights.read(reader);
  if (!reader.status().ok()) return reader.status().error();
  return std::make_shared<const RecurrentModel>(std::move(weights));
}

std::size_t RecurrentModel::bytes_per_step(std::size_t positions) const {
  if (!weights_.attention) return weights_.bytes;
  return weights_.bytes + weights_.attention->cache.bytes(std::min(positions, weights_.attention->config.window));
}

void RecurrentModel::forward(Input input, std::span<float> logits, ThreadPool& threads) const {
  const auto vocab = static_cast<std::size_t>(weights_.config.vocab_size);
  RecurrentState state = weights_.new_state();
  const std::array<RecurrentState*, 1> states = {&state};
  RecurrentActivations memory(weights_, std::min(kRecurrentChunk, input.size()), threads.threads());
  const Workers workers(threads, weights_.bytes, 1);
  for (std::size_t done = 0; done < input.size(); done += kRecurrentChunk) {
    const Input part = input.part(done, std::min(kRecurrentChunk, input.size() - done));
    const RecurrentRequest request = {part, states, logits.data() + done * vocab, true};
    RecurrentPass(weights_, memory, workers).run(request);
  }
}

}  // namespace continuo::engine
