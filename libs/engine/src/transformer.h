#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "continuo/engine/model.h"
#include "continuo/kernels/attention.h"
#include "continuo/kernels/linear.h"
#include "continuo/kernels/training/rotary.h"
#include "continuo/kernels/vector_math.h"

#include "kv_cache.h"
#include "weight_reader.h"
#include "workers.h"

namespace continuo::engine {

struct NormLayer {
  std::vector<float> scale;
  std::vector<float> shift;
};

struct TransformerLayer {
  // Rows head by head, each as queries, keys, values of head_stride rows, so that a thread that owns heads owns
  // whole panels.
  kernels::PackedMatrix qkv;
  kernels::PackedMatrix distances;  // rows head by head, each padded to whole panels; relative positions only
  kernels::PackedMatrix proj;
  kernels::PackedMatrix fc1;
  kernels::PackedMatrix fc2;
  NormLayer attention_norm;
  NormLayer mlp_norm;
};

struct TransformerWeights {
  TransformerWeights(const checkpoint::ModelConfig& model, Precision weight_precision, Precision cache_precision);
  // Layer by layer, on all threads.
  Status read(const checkpoint::Checkpoint& checkpoint, ThreadPool& threads);
  CacheShape cache_shape(std::size_t layer_count, std::size_t capacity) const {
    return {layer_count, heads, head_width, capacity, cache};
  }

  checkpoint::ModelConfig config;
  Precision precision, cache;
  std::size_t width;  // d_model
  std::size_t heads;
  std::size_t head_width;
  std::size_t head_stride;                // head_width, rounded up to whole panels
  std::vector<float> token_embedding;     // [vocab, width]
  std::vector<float> position_embedding;  // [context, width]; learned positions only
  std::optional<kernels::RotaryTable> rotary;
  std::vector<TransformerLayer> layers;
  NormLayer outer_norm;  // final_norm (pre-norm) or embedding_norm (post-norm)
  kernels::PackedMatrix output;
  std::size_t bytes = 0;  // that one pass reads, without the cache

 private:
  void read_embeddings(WeightReader& reader);
  TransformerLayer read_layer(WeightReader& reader, const std::string& name) const;
  kernels::PackedMatrix read_qkv(WeightReader& reader, const std::string& name) const;
  kernels::PackedMatrix read_distances(WeightReader& reader, const std::string& name) const;
};

// What a pass over up to `rows` tokens with up to `threads` threads needs to remember between its steps.
struct Activations {
  Activations(const TransformerWeights& weights, std::size_t rows, std::size_t capacity, int threads);

  std::size_t rows;
  kernels::AlignedFloats residual;  // [rows, width]
  kernels::AlignedFloats input;     // [rows, width] normalised
  kernels::AlignedFloats qkv;       // [rows, heads * 3 * head_stride]
  kernels::AlignedFloats mixed;     // [rows, width] values that attention has weighted
  kernels::AlignedFloats hidden;    // [rows, d_ff]
  kernels::AlignedFloats scores;    // [threads, attention scratch]
  PreparedInput prepared;           // of the product under way
  std::size_t scores_stride;
};

// Neighbouring tokens of one piece.
struct Segment {
  std::span<const TokenId> tokens;
  std::size_t first = 0;     // position of tokens[0]
  KvCache* cache = nullptr;  // of all layers, or of one that serves them in turn when nothing is kept
};

// The tokens of one pass and where it leaves its logits.
struct PassRequest {
  std::span<const Segment> segments;
  float* logits = nullptr;  // [rows, vocab], or [vocab] of the last row
  bool all_logits = false;

  std::size_t rows() const {
    std::size_t count = 0;
    for (const Segment& segment : segments) count += segment.tokens.size();
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
  void embed(const PassRequest& request) const noexcept;
  kernels::ConstRows normalise(const NormLayer& norm, std::size_t rows) const noexcept;
  void attention(std::size_t layer, kernels::ConstRows input, const PassRequest& request) const noexcept;
  void attend_head(std::size_t layer, std::size_t head, std::size_t row, const Segment& segment,
                   int worker) const noexcept;
  void multiply(const kernels::PackedMatrix& matrix, kernels::LinearCall call) const noexcept;
  void mlp(const TransformerLayer& layer, kernels::ConstRows input, kernels::ConstRows residual,
           std::size_t rows) const noexcept;
  void write_logits(kernels::ConstRows input, const PassRequest& request) const noexcept;

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
    return weights_.bytes + weights_.cache_shape(weights_.layers.size(), 0).bytes(positions);
  }
  void forward(std::span<const TokenId> tokens, std::span<float> logits, ThreadPool& threads) const override;
  // These share the ownership of this model.
  std::unique_ptr<Session> new_session(ThreadPool& threads) const override;
  std::unique_ptr<Ensemble> new_ensemble(int most_sessions, ThreadPool& threads) const override;
  const TransformerWeights& weights() const { return weights_; }

 private:
  TransformerWeights weights_;
};

}  // namespace continuo::engine
