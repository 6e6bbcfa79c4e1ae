#include "models/recurrent.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace continuo::engine {

using kernels::Matrix;

RecurrentWeights::RecurrentWeights(const checkpoint::ModelConfig& model, Precision weight_precision)
    : config(model), precision(weight_precision), shape(model) {}

void RecurrentWeights::read(WeightReader& reader) {
  token_embedding = reader.take("token_embedding.weight");
  for (std::size_t n = 0; n < shape.layers && reader.status().ok(); ++n) {
    layers.push_back(read_recurrent(reader, "layers." + std::to_string(n), shape));
    bytes += layers.back().bytes();
  }
  output = read_output(reader);
  bytes += output.bytes();
}

RecurrentActivations::RecurrentActivations(const RecurrentWeights& weights, std::size_t row_count)
    : rows(row_count),
      layer(weights.shape, weights.precision, rows),
      even(rows * weights.shape.width),
      odd(rows * weights.shape.width) {}

void RecurrentPass::run(const RecurrentRequest& request) const noexcept {
  const std::size_t rows = request.tokens.size(), width = weights_.shape.width;
  const RecurrentLayerPass pass(weights_.shape, memory_.layer, workers_);
  Matrix<const float> input = embed(request.tokens);
  for (std::size_t layer = 0; layer < weights_.layers.size(); ++layer) {
    const Matrix<float> output = {layer % 2 == 0 ? memory_.odd.data() : memory_.even.data(), width};
    pass.run(weights_.layers[layer], layer, rows, input, request.states, output);
    input = output;
  }
  write_logits(input, request);
}

void RecurrentPass::write_logits(Matrix<const float> input, const RecurrentRequest& request) const noexcept {
  const auto vocab = static_cast<std::size_t>(weights_.config.vocab_size);
  const std::size_t rows = request.tokens.size(), skipped = request.all_logits ? 0 : rows - 1;
  project(weights_.output, {rows - skipped, input.from_row(skipped), {request.logits, vocab}}, memory_.layer.input,
          workers_);
}

// A single token's row is read where it lies.
Matrix<const float> RecurrentPass::embed(std::span<const TokenId> tokens) const noexcept {
  const std::size_t width = weights_.shape.width;
  const auto row_of = [&](TokenId token) {
    return weights_.token_embedding.data() + static_cast<std::size_t>(token) * width;
  };
  if (tokens.size() == 1) return {row_of(tokens[0]), width};
  for (std::size_t row = 0; row < tokens.size(); ++row) {
    std::copy_n(row_of(tokens[row]), width, memory_.even.data() + row * width);
  }
  return {memory_.even.data(), width};
}

Result<std::shared_ptr<const Model>> RecurrentModel::load(const checkpoint::Checkpoint& checkpoint,
                                                          Precision precision) {
  RecurrentWeights weights(checkpoint.model, precision);
  WeightReader reader(checkpoint, precision);
  weights.read(reader);
  if (!reader.status().ok()) return reader.status().error();
  return std::make_shared<const RecurrentModel>(std::move(weights));
}

void RecurrentModel::forward(std::span<const TokenId> tokens, std::span<float> logits, ThreadPool& threads) const {
  const auto vocab = static_cast<std::size_t>(weights_.config.vocab_size);
  RecurrentState state(weights_.shape);
  const std::array<RecurrentState*, 1> states = {&state};
  RecurrentActivations memory(weights_, std::min(kRecurrentChunk, tokens.size()));
  const Workers workers(threads, weights_.bytes, 1);
  for (std::size_t done = 0; done < tokens.size(); done += kRecurrentChunk) {
    const auto part = tokens.subspan(done, std::min(kRecurrentChunk, tokens.size() - done));
    const RecurrentRequest request = {part, states, logits.data() + done * vocab, true};
    RecurrentPass(weights_, memory, workers).run(request);
  }
}

}  // namespace continuo::engine
