#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "continuo/engine/model.h"

#include "layers/attention.h"
#include "layers/embedding.h"
#include "layers/feed_forward.h"
#include "layers/norm.h"
#include "layers/workers.h"
#include "weights/weight_reader.h"

namespace continuo::engine {

struct TransformerLayer {
  NormLayer attention_norm;
  AttentionLayer attention;
  NormLayer mlp_norm;
  FeedForwardLayer feed_forward;
};

struct TransformerWeights {
  TransformerWeights(const checkpoint::ModelConfig& model, Precision weight_precision, Precision cache_precision);
  // Layer by layer, on all threads.
  Status read(const checkpoint::Checkpoint& checkpoint, ThreadPool& threads);
  CacheShape cache_shape(std::size_t layer_count, std::size_t capacity) const {
    return {layer_count, attention.kv_heads, attention.head_width, capacity, cache};
  }

  checkpoint::ModelConfig config;
  Precision precision, cache;
  std::size_t width;  // d_model
  AttentionConfig attention;
  EmbeddingLayer embedding;
  std::vector<TransformerLayer> layers;
  NormLayer outer_norm;  // final_norm (pre-norm) or embedding_norm (post-norm)
  kernels::PackedMatrix output;
  std::size_t bytes = 0;  // that one pass reads, without the cache

 private:
  void read_embeddings(WeightReader& reader);
  TransformerLayer read_layer(WeightReader& reader, const std::string& name) const;
};

// What a pass over up to `rows` tokens with up to `threads` threads needs to remember between its steps.
struct Activations {
  Activations(const TransformerWeights& weights, std::size_t rows, std::size_t capacity, int threads);

  std::size_t rows;
  kernels::AlignedFloats residual;  // [rows, width]
  kernels::AlignedFloats input;     // [rows, width] normalised
  AttentionMemory attention;
  kernels::AlignedFloats ff_activation;  // [rows, ff_activation_width()]
  PreparedInput prepared;                // of the product under way
};

// The tokens of one pass and where it leaves its logits.
struct PassRequest {
  std::span<const Segment> segments;
  float* logits = nullptr;  // [rows, vocab], or [vocab] of the last row
  bool all_logits = false;

  std::size_t rows() const {
    std::size_t count = 0;
    for (const Segment& segment : segments) count += segment.input.size();
    return count;
  }
};

// Tokens through all layers.
class TransformerPass {
 public:
  TransformerPass(const TransformerWeights& weights, Activations& memory, const Workers& workers)
      : weights_(weights), memory_(memory), workers_(workers) {}
  void run(const PassRequest& request) const noexcept;

 private:
  using Rows = kernels::Matrix<const float>;

  void embed(const PassRequest& request) const noexcept;
  // Both take the residual stream, and return the input of the output layer.
  Rows pre_norm_layers(const PassRequest& request) const noexcept;
  Rows post_norm_layers(const PassRequest& request) const noexcept;
  void pre_norm_block(std::size_t index, const PassRequest& request) const noexcept;
  Rows post_norm_block(std::size_t index, Rows input, const PassRequest& request) const noexcept;
  // Sublayers: residual stream = f(input) + residual.
  void attend(std::size_t index, Rows input, Rows residual, const PassRequest& request) const noexcept;
  void feed_forward(std::size_t index, Rows input, Rows residual, std::size_t rows) const noexcept;
  // Of the residual stream; valid until the next call.
  Rows normalised(const NormLayer& norm, std::size_t rows) const noexcept;
  void write_logits(Rows input, const PassRequest& request) const noexcept;
  kernels::Matrix<float> residual_stream() const noexcept { return {memory_.residual.data(), weights_.width}; }

  const TransformerWeights& weights_;
  Activations& memory_;
  const Workers& workers_;
};

class TransformerModel final : public Model, public std::enable_shared_from_this<TransformerModel> {
 public:
  static Result<std::shared_ptr<const Model>> load(const checkpoint::Checkpoint& checkpoint, Precision weights,
                                                   Precision cache, ThreadPool& threads);
  explicit TransformerModel(TransformerWeights weights) : weights_(std::move(weights)) {}

  const checkpoint::ModelConfig& config() const override { return weights_.config; }
  Precision precision() const override { return weights_.precision; }
  std::size_t bytes_per_step(std::size_t positions) const override {
    const std::size_t window = weights_.attention.window;
    const std::size_t seen = window == 0 ? positions : std::min(positions, window);
    return weights_.bytes + weights_.cache_shape(weights_.layers.size(), 0).bytes(seen);
  }
  void forward(Input input, std::span<float> logits, ThreadPool& threads) const override;
  // These share the ownership of this model.
  std::unique_ptr<Session> new_session(ThreadPool& threads) const override;
  std::unique_ptr<Ensemble> new_ensemble(int most_sessions, ThreadPool& threads) const override;
  const TransformerWeights& weights() const { return weights_; }

 private:
  TransformerWeights weights_;
};

}  // namespace continuo::engine
