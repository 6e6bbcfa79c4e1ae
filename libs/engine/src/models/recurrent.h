#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "continuo/engine/model.h"

#include "layers/attention.h"
#include "layers/embedding.h"
#include "layers/recurrent.h"
#include "layers/workers.h"
#include "weights/weight_reader.h"

namespace continuo::engine {

// Tokens whose input sums are computed together.
inline constexpr std::size_t kRecurrentChunk = 256;

// Attention of the last layer's outputs.
struct OutputAttention {
  OutputAttention(const checkpoint::ModelConfig& model, Precision cache_precision)
      : config(model),
        cache{1, config.kv_heads, config.head_width, CacheShape::sliding_capacity(config.remembered(), kRecurrentChunk),
              cache_precision} {}

  AttentionConfig config;
  CacheShape cache;  // of a sequence: its last outputs, with room for a chunk
  AttentionLayer layer;
};

struct RecurrentWeights {
  RecurrentWeights(const checkpoint::ModelConfig& model, Precision weight_precision, Precision cache_precision);
  void read(WeightReader& reader);
  // Of the empty prefix.
  RecurrentState new_state() const { return {shape, attention ? std::optional(attention->cache) : std::nullopt}; }

  checkpoint::ModelConfig config;
  Precision precision;
  RecurrentShape shape;
  EmbeddingLayer embedding;
  std::vector<RecurrentLayer> layers;
  std::optional<OutputAttention> attention;
  kernels::PackedMatrix output;
  std::size_t bytes = 0;  // that one step reads, without the window's keys and values
};

// The memory of a pass over up to `rows` tokens on up to `threads` threads.
struct RecurrentActivations {
  RecurrentActivations(const RecurrentWeights& weights, std::size_t rows, int threads);

  std::size_t rows;
  RecurrentMemory layer;
  kernels::AlignedFloats even;  // [rows, width] inputs of the layers 0, 2, ...
  kernels::AlignedFloats odd;   // [rows, width] inputs of the layers 1, 3, ...
  std::optional<AttentionMemory> attention;
  std::vector<Segment> segments;  // that attention sees: of each sequence; with attention only
};

// At most kRecurrentChunk neighbouring tokens of one sequence, or one token of each of several sequences.
struct RecurrentRequest {
  Input input;
  std::span<RecurrentState* const> states;  // one, or as many as tokens
  float* logits = nullptr;                  // [input.size(), vocab], or [vocab] of the last one
  bool all_logits = false;
};

// Tokens through all layers. Moves the states on.
class RecurrentPass {
 public:
  RecurrentPass(const RecurrentWeights& weights, RecurrentActivations& memory, const Workers& workers)
      : weights_(weights), memory_(memory), workers_(workers) {}
  void run(const RecurrentRequest& request) const noexcept;

 private:
  kernels::Matrix<const float> embed(Input input) const noexcept;
  // outputs += W_o attention(outputs). Shape: outputs [rows, width].
  void attend(kernels::Matrix<float> outputs, const RecurrentRequest& request) const noexcept;
  void write_logits(kernels::Matrix<const float> input, const RecurrentRequest& request) const noexcept;

  const RecurrentWeights& weights_;
  RecurrentActivations& memory_;
  const Workers& workers_;
};

class RecurrentModel final : public Model, public std::enable_shared_from_this<RecurrentModel> {
 public:
  static Result<std::shared_ptr<const Model>> load(const checkpoint::Checkpoint& checkpoint, Precision weights,
                                                   Precision cache);
  explicit RecurrentModel(RecurrentWeights weights) : weights_(std::move(weights)) {}

  const checkpoint::ModelConfig& config() const override { return weights_.config; }
  Precision precision() const override { return weights_.precision; }
  std::size_t bytes_per_step(std::size_t positions) const override;
  void forward(Input input, std::span<float> logits, ThreadPool& threads) const override;
  // These share the ownership of this model.
  std::unique_ptr<Session> new_session(ThreadPool& threads) const override;
  std::unique_ptr<Ensemble> new_ensemble(int most_sessions, ThreadPool& threads) const override;
  const RecurrentWeights& weights() const { return weights_; }

 private:
  RecurrentWeights weights_;
};

}  // namespace continuo::engine
