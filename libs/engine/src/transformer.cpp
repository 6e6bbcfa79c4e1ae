#include "transformer.h"

#include <algorithm>
#include <utility>

#include "continuo/checkpoint/tensor_names.h"

namespace continuo::engine {
namespace {

using checkpoint::NormPlacement;
using checkpoint::Positions;
using kernels::kPanelRows;
using kernels::PackedMatrix;

std::size_t round_up(std::size_t value, std::size_t multiple) { return (value + multiple - 1) / multiple * multiple; }

NormLayer read_norm(WeightReader& reader, const std::string& name) {
  return {reader.take(name + ".weight"), reader.take(name + ".bias")};
}

PackedMatrix read_linear(WeightReader& reader, const std::string& name) {
  return reader.pack(name + ".weight", reader.view(name + ".bias").numbers());
}

}  // namespace

TransformerWeights::TransformerWeights(const checkpoint::ModelConfig& model, Precision weight_precision,
                                       Precision cache_precision)
    : config(model),
      precision(weight_precision),
      cache(cache_precision),
      width(static_cast<std::size_t>(model.d_model)),
      heads(static_cast<std::size_t>(model.n_heads)),
      head_width(width / heads),
      head_stride(round_up(head_width, kPanelRows)) {
  if (model.positions == Positions::kRotary) {
    rotary.emplace(static_cast<std::size_t>(model.context_length), head_width);
  }
}

PackedMatrix TransformerWeights::read_qkv(WeightReader& reader, const std::string& name) const {
  const Floats bias = reader.view(name + ".bias");
  if (!reader.status().ok()) return {};
  std::vector<std::size_t> order(heads * 3 * head_stride, kNoRow);
  std::vector<float> ordered_bias(order.size());
  for (std::size_t part = 0; part < 3; ++part) {
    for (std::size_t row = 0; row < width; ++row) {
      const std::size_t to = (row / head_width * 3 + part) * head_stride + row % head_width;
      order[to] = part * width + row;
      ordered_bias[to] = bias.data()[order[to]];
    }
  }
  return reader.pack(name + ".weight", order, width, ordered_bias);
}

// The file has the heads side by side; here each has rows of its own.
PackedMatrix TransformerWeights::read_distances(WeightReader& reader, const std::string& name) const {
  const auto distances = static_cast<std::size_t>(checkpoint::distance_count(config));
  const std::size_t stride = round_up(distances, kPanelRows);
  std::vector<std::size_t> order(heads * stride, kNoRow);
  for (std::size_t head = 0; head < heads; ++head) {
    for (std::size_t i = 0; i < distances; ++i) order[head * stride + i] = i * heads + head;
  }
  return reader.pack(name, order, head_width, {});
}

TransformerLayer TransformerWeights::read_layer(WeightReader& reader, const std::string& name) const {
  TransformerLayer layer;
  layer.attention_norm = read_norm(reader, name + ".attention_norm");
  layer.qkv = read_qkv(reader, name + ".attention.qkv");
  if (config.positions == Positions::kRelative) {
    layer.distances = read_distances(reader, name + ".attention.distance.weight");
  }
  layer.proj = read_linear(reader, name + ".attention.proj");
  layer.mlp_norm = read_norm(reader, name + ".mlp_norm");
  layer.fc1 = read_linear(reader, name + ".mlp.fc1");
  layer.fc2 = read_linear(reader, name + ".mlp.fc2");
  return layer;
}

void TransformerWeights::read_embeddings(WeightReader& reader) {
  token_embedding = reader.take("token_embedding.weight");
  if (config.positions == Positions::kLearned) position_embedding = reader.take("position_embedding.weight");
  const bool pre = config.norm_placement == NormPlacement::kPre;
  outer_norm = read_norm(reader, pre ? "final_norm" : "embedding_norm");
}

Status TransformerWeights::read(const checkpoint::Checkpoint& checkpoint, ThreadPool& threads) {
  layers.resize(static_cast<std::size_t>(config.n_layers));
  const std::size_t output_part = layers.size(), embeddings_part = output_part + 1;
  std::vector<Status> statuses(embeddings_part + 1);
  threads.for_each_task(statuses.size(), [&](std::size_t part) {
    WeightReader reader(checkpoint, precision);
    if (part < layers.size()) layers[part] = read_layer(reader, "layers." + std::to_string(part));
    if (part == output_part) output = reader.pack(reader.output_name(), reader.view("output.bias").numbers());
    if (part == embeddings_part) read_embeddings(reader);
    statuses[part] = reader.status();
  });
  for (Status& status : statuses) CONTINUO_TRY(std::move(status));
  bytes = output.bytes();
  for (const TransformerLayer& layer : layers)
    bytes += layer.qkv.bytes() + layer.proj.bytes() + layer.fc1.bytes() + layer.fc2.bytes();
  return {};
}

Activations::Activations(const TransformerWeights& weights, std::size_t row_count, std::size_t capacity, int threads)
    : rows(row_count),
      residual(rows * weights.width),
      input(rows * weights.width),
      qkv(rows * weights.heads * 3 * weights.head_stride),
      mixed(rows * weights.width),
      hidden(rows * static_cast<std::size_t>(weights.config.d_ff)),
      prepared(weights.precision, rows, std::max(weights.width, static_cast<std::size_t>(weights.config.d_ff))),
      scores_stride(
          kernels::attention_scratch_floats(capacity, weights.config.positions == checkpoint::Positions::kRelative)) {
  scores = kernels::AlignedFloats(static_cast<std::size_t>(threads) * scores_stride);
}

Result<std::shared_ptr<const Model>> TransformerModel::load(const checkpoint::Checkpoint& checkpoint,
                                                            Precision precision, Precision cache, ThreadPool& threads) {
  TransformerWeights weights(checkpoint.model, precision, cache);
  CONTINUO_TRY(weights.read(checkpoint, threads));
  return std::make_shared<const TransformerModel>(std::move(weights));
}

void TransformerModel::forward(std::span<const TokenId> tokens, std::span<float> logits, ThreadPool& threads) const {
  if (tokens.empty()) return;
  KvCache cache(weights_.cache_shape(1, tokens.size()));
  Activations memory(weights_, tokens.size(), tokens.size(), threads.threads());
  const Segment whole = {tokens, 0, &cache};
  const PassRequest request = {{&whole, 1}, logits.data(), true};
  TransformerPass(weights_, memory, Workers(threads, weights_.bytes, tokens.size())).run(request);
}

}  // namespace continuo::engine
