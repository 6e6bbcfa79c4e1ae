#include "models/transformer.h"

#include <algorithm>
#include <utility>

#include "continuo/checkpoint/tensor_names.h"

namespace continuo::engine {

TransformerWeights::TransformerWeights(const checkpoint::ModelConfig& model, Precision weight_precision,
                                       Precision cache_precision)
    : config(model),
      precision(weight_precision),
      cache(cache_precision),
      width(static_cast<std::size_t>(model.d_model)),
      attention(model) {}

TransformerLayer TransformerWeights::read_layer(WeightReader& reader, const std::string& name) const {
  TransformerLayer layer;
  layer.attention_norm = read_norm(reader, name + ".attention_norm", config.norm);
  layer.attention = read_attention(reader, name + ".attention", attention);
  layer.mlp_norm = read_norm(reader, name + ".mlp_norm", config.norm);
  layer.feed_forward = read_feed_forward(reader, name + ".mlp");
  return layer;
}

void TransformerWeights::read_embeddings(WeightReader& reader) {
  embedding = read_embedding(reader, config);
  outer_norm = read_norm(reader, checkpoint::outer_norm_name(config.norm_placement), config.norm);
}

Status TransformerWeights::read(const checkpoint::Checkpoint& checkpoint, ThreadPool& threads) {
  layers.resize(static_cast<std::size_t>(config.n_layers));
  const std::size_t output_part = layers.size(), embeddings_part = output_part + 1;
  std::vector<Status> statuses(embeddings_part + 1);
  threads.for_each_task(statuses.size(), [&](std::size_t part) {
    WeightReader reader(checkpoint, precision);
    if (part < layers.size()) layers[part] = read_layer(reader, "layers." + std::to_string(part));
    if (part == output_part) output = read_output(reader);
    if (part == embeddings_part) read_embeddings(reader);
    statuses[part] = reader.status();
  });
  for (Status& status : statuses) CONTINUO_TRY(std::move(status));
  bytes = output.bytes();
  for (const TransformerLayer& layer : layers) bytes += layer.attention.bytes() + layer.feed_forward.bytes();
  return {};
}

Activations::Activations(const TransformerWeights& weights, std::size_t row_count, std::size_t capacity, int threads)
    : rows(row_count),
      residual(rows * weights.width),
      input(rows * weights.width),
      attention(weights.attention, rows, capacity, threads),
      ff_activation(rows * ff_activation_width(weights.config)),
      prepared(weights.precision, rows, std::max(weights.width, static_cast<std::size_t>(weights.config.d_ff))) {}

Result<std::shared_ptr<const Model>> TransformerModel::load(const checkpoint::Checkpoint& checkpoint,
                                                            Precision precision, Precision cache, ThreadPool& threads) {
  TransformerWeights weights(checkpoint.model, precision, cache);
  CONTINUO_TRY(weights.read(checkpoint, threads));
  return std::make_shared<const TransformerModel>(std::move(weights));
}

void TransformerModel::forward(Input input, std::span<float> logits, ThreadPool& threads) const {
  if (input.size() == 0) return;
  KvCache cache(weights_.cache_shape(1, input.size()));
  Activations memory(weights_, input.size(), input.size(), threads.threads());
  const Segment whole = {input, 0, &cache};
  const PassRequest request = {{&whole, 1}, logits.data(), true};
  TransformerPass(weights_, memory, Workers(threads, weights_.bytes, input.size())).run(request);
}

}  // namespace continuo::engine
