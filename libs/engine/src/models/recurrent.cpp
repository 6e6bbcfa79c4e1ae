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
  embedding = read_embedding(reader, config);
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
  const std::size_t rows = request.input.size(), width = weights_.shape.width;
  const RecurrentLayerPass pass(weights_.shape, memory_.layer, workers_);
  Matrix<const float> input = embed(request.input);
  for (std::size_t layer = 0; layer < weights_.layers.size(); ++layer) {
    const Matrix<float> output = {layer % 2 == 0 ? memory_.odd.data() : memory_.even.data(), width};
    pass.run(weights_.layers[layer], layer, rows, input, request.states, output);
    input = output;
  }
  write_logits(input, request);
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

Result<std::shared_ptr<const Model>> RecurrentModel::load(const checkpoint::Checkpoint& checkpoint,
                                                          Precision precision) {
  RecurrentWeights weights(checkpoint.model, precision);
  WeightReader reader(checkpoint, precision);
  weights.read(reader);
  if (!reader.status().ok()) return reader.status().error();
  return std::make_shared<const RecurrentModel>(std::move(weights));
}

void RecurrentModel::forward(Input input, std::span<float> logits, ThreadPool& threads) const {
  const auto vocab = static_cast<std::size_t>(weights_.config.vocab_size);
  RecurrentState state(weights_.shape);
  const std::array<RecurrentState*, 1> states = {&state};
  RecurrentActivations memory(weights_, std::min(kRecurrentChunk, input.size()));
  const Workers workers(threads, weights_.bytes, 1);
  for (std::size_t done = 0; done < input.size(); done += kRecurrentChunk) {
    const Input part = input.part(done, std::min(kRecurrentChunk, input.size() - done));
    const RecurrentRequest request = {part, states, logits.data() + done * vocab, true};
    RecurrentPass(weights_, memory, workers).run(request);
  }
}

}  // namespace continuo::engine
