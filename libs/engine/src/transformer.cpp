#include "transformer.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace continuo::engine {
namespace {

using checkpoint::NormPlacement;
using kernels::kPanelRows;
using kernels::PackedMatrix;

// Tokens that prefill takes through the layers together.
constexpr std::size_t kChunk = 256;

std::size_t round_up(std::size_t value, std::size_t multiple) { return (value + multiple - 1) / multiple * multiple; }

NormLayer read_norm(WeightReader& reader, const std::string& name) {
  return {reader.take(name + ".weight"), reader.take(name + ".bias")};
}

PackedMatrix read_linear(WeightReader& reader, const std::string& name, std::size_t rows, std::size_t columns) {
  const auto weights = reader.take(name + ".weight");
  const auto bias = reader.take(name + ".bias");
  if (!reader.status().ok()) return {};
  return {rows, columns, weights, bias};
}

class TransformerSession final : public Session {
 public:
  TransformerSession(std::shared_ptr<const TransformerModel> model, ThreadPool& threads)
      : model_(std::move(model)),
        weights_(model_->weights()),
        threads_(threads),
        cache_(weights_, weights_.layers.size(), context()),
        memory_(weights_, 1, context(), threads.threads()),
        logits_(static_cast<std::size_t>(weights_.config.vocab_size)),
        task_([this](int index) { work(index); }) {}

  void reset() noexcept override { position_ = 0; }
  int position() const noexcept override { return static_cast<int>(position_); }
  bool full() const noexcept override { return position_ == context(); }

  std::span<const float> prefill(std::span<const TokenId> tokens) override {
    const std::size_t rows = std::min(kChunk, tokens.size());
    if (memory_.rows < rows) memory_ = Activations(weights_, rows, context(), threads_.threads());
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
  std::size_t context() const { return static_cast<std::size_t>(weights_.config.context_length); }

  void feed(std::span<const TokenId> tokens) noexcept {
    request_ = {tokens, position_, logits_.data(), false};
    team_.run(threads_, team_size(threads_.threads(), weights_.bytes, tokens.size()), task_);
    position_ += tokens.size();
  }

  void work(int index) noexcept { TransformerPass(weights_, memory_, cache_).run(team_.worker(index), request_); }

  std::shared_ptr<const TransformerModel> model_;
  const TransformerWeights& weights_;
  ThreadPool& threads_;
  KvStore cache_;
  Activations memory_;
  kernels::AlignedFloats logits_;
  Team team_;
  std::function<void(int)> task_;
  PassRequest request_;
  std::size_t position_ = 0;
};

}  // namespace

TransformerWeights::TransformerWeights(const checkpoint::ModelConfig& model)
    : config(model),
      width(static_cast<std::size_t>(model.d_model)),
      heads(static_cast<std::size_t>(model.n_heads)),
      head_width(width / heads),
      head_stride(round_up(head_width, kPanelRows)) {}

PackedMatrix TransformerWeights::read_qkv(WeightReader& reader, const std::string& name) const {
  const auto weights = reader.take(name + ".weight");
  const auto bias = reader.take(name + ".bias");
  if (!reader.status().ok()) return {};
  const std::size_t rows = heads * 3 * head_stride;
  std::vector<float> ordered(rows * width);
  std::vector<float> ordered_bias(rows);
  for (std::size_t part = 0; part < 3; ++part) {
    for (std::size_t head = 0; head < heads; ++head) {
      const std::size_t from = part * width + head * head_width;
      const std::size_t to = (head * 3 + part) * head_stride;
      std::copy_n(weights.begin() + static_cast<std::ptrdiff_t>(from * width), head_width * width,
                  ordered.begin() + static_cast<std::ptrdiff_t>(to * width));
      std::copy_n(bias.begin() + static_cast<std::ptrdiff_t>(from), head_width,
                  ordered_bias.begin() + static_cast<std::ptrdiff_t>(to));
    }
  }
  return {rows, width, ordered, ordered_bias};
}

TransformerLayer TransformerWeights::read_layer(WeightReader& reader, const std::string& name) const {
  const auto d_ff = static_cast<std::size_t>(config.d_ff);
  TransformerLayer layer;
  layer.qkv = read_qkv(reader, name + ".attention.qkv");
  layer.proj = read_linear(reader, name + ".attention.proj", width, width);
  layer.attention_norm = read_norm(reader, name + ".attention_norm");
  layer.fc1 = read_linear(reader, name + ".mlp.fc1", d_ff, width);
  layer.fc2 = read_linear(reader, name + ".mlp.fc2", width, d_ff);
  layer.mlp_norm = read_norm(reader, name + ".mlp_norm");
  return layer;
}

void TransformerWeights::read(WeightReader& reader) {
  token_embedding = reader.take("token_embedding.weight");
  position_embedding = reader.take("position_embedding.weight");
  const bool pre = config.norm_placement == NormPlacement::kPre;
  outer_norm = read_norm(reader, pre ? "final_norm" : "embedding_norm");
  for (int n = 0; n < config.n_layers && reader.status().ok(); ++n) {
    layers.push_back(read_layer(reader, "layers." + std::to_string(n)));
    const TransformerLayer& layer = layers.back();
    bytes += layer.qkv.bytes() + layer.proj.bytes() + layer.fc1.bytes() + layer.fc2.bytes();
  }
  const auto matrix = reader.take_output();
  const auto bias = reader.take("output.bias");
  if (!reader.status().ok()) return;
  output = PackedMatrix(static_cast<std::size_t>(config.vocab_size), width, matrix, bias);
  bytes += output.bytes();
}

KvStore::KvStore(const TransformerWeights& weights, std::size_t layers, std::size_t capacity)
    : heads_(weights.heads),
      head_width_(weights.head_width),
      layers_(layers),
      capacity_(capacity),
      keys_(layers * heads_ * kernels::HeadCache::key_floats(capacity, head_width_)),
      values_(layers * heads_ * kernels::HeadCache::value_floats(capacity, head_width_)) {}

kernels::HeadCache KvStore::head(std::size_t layer, std::size_t head) noexcept {
  const std::size_t index = layer * heads_ + head;
  return {keys_.data() + index * kernels::HeadCache::key_floats(capacity_, head_width_),
          values_.data() + index * kernels::HeadCache::value_floats(capacity_, head_width_), capacity_, head_width_};
}

Activations::Activations(const TransformerWeights& weights, std::size_t row_count, std::size_t capacity, int threads)
    : rows(row_count),
      residual(rows * weights.width),
      input(rows * weights.width),
      qkv(rows * weights.heads * 3 * weights.head_stride),
      mixed(rows * weights.width),
      hidden(rows * static_cast<std::size_t>(weights.config.d_ff)),
      scores(static_cast<std::size_t>(threads) * kernels::attention_scratch_floats(capacity)),
      own_row(static_cast<std::size_t>(threads) * round_up(weights.width, kPanelRows)),
      own_row_stride(round_up(weights.width, kPanelRows)),
      scores_stride(kernels::attention_scratch_floats(capacity)) {}

Result<std::shared_ptr<const Model>> TransformerModel::load(const checkpoint::Checkpoint& checkpoint) {
  TransformerWeights weights(checkpoint.model);
  WeightReader reader(checkpoint);
  weights.read(reader);
  if (!reader.status().ok()) return reader.status().error();
  return std::make_shared<const TransformerModel>(std::move(weights));
}

void TransformerModel::forward(std::span<const TokenId> tokens, std::span<float> logits, ThreadPool& threads) const {
  if (tokens.empty()) return;
  KvStore cache(weights_, 1, tokens.size());
  Activations memory(weights_, tokens.size(), tokens.size(), threads.threads());
  const PassRequest request = {tokens, 0, logits.data(), true};
  Team team;
  team.run(threads, team_size(threads.threads(), weights_.bytes, tokens.size()),
           [&](int index) { TransformerPass(weights_, memory, cache).run(team.worker(index), request); });
}

std::unique_ptr<Session> TransformerModel::new_session(ThreadPool& threads) const {
  return std::make_unique<TransformerSession>(shared_from_this(), threads);
}

}  // namespace continuo::engine
