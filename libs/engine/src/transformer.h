#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "continuo/engine/model.h"
#include "continuo/kernels/attention.h"
#include "continuo/kernels/linear.h"
#include "continuo/kernels/vector_math.h"

#include "team.h"
#include "weight_reader.h"

namespace continuo::engine {

struct NormLayer {
  std::vector<float> scale;
  std::vector<float> shift;
};

struct TransformerLayer {
  // Rows head by head, each as queries, keys, values of head_stride rows, so that a thread that owns heads owns
  // whole panels.
  kernels::PackedMatrix qkv;
  kernels::PackedMatrix proj;
  kernels::PackedMatrix fc1;
  kernels::PackedMatrix fc2;
  NormLayer attention_norm;
  NormLayer mlp_norm;
};

struct TransformerWeights {
  explicit TransformerWeights(const checkpoint::ModelConfig& model);
  void read(WeightReader& reader);

  checkpoint::ModelConfig config;
  std::size_t width;  // d_model
  std::size_t heads;
  std::size_t head_width;
  std::size_t head_stride;                // head_width, rounded up to whole panels
  std::vector<float> token_embedding;     // [vocab, width]
  std::vector<float> position_embedding;  // [context, width]
  std::vector<TransformerLayer> layers;
  NormLayer outer_norm;  // final_norm (pre-norm) or embedding_norm (post-norm)
  kernels::PackedMatrix output;
  std::size_t bytes = 0;  // that one pass reads

 private:
  TransformerLayer read_layer(WeightReader& reader, const std::string& name) const;
  kernels::PackedMatrix read_qkv(WeightReader& reader, const std::string& name) const;
};

// Keys and values of `layers` layers for `capacity` positions.
class KvStore {
 public:
  KvStore(const TransformerWeights& weights, std::size_t layers, std::size_t capacity);
  kernels::HeadCache head(std::size_t layer, std::size_t head) noexcept;
  std::size_t layers() const { return layers_; }

 private:
  std::size_t heads_;
  std::size_t head_width_;
  std::size_t layers_;
  std::size_t capacity_;
  kernels::AlignedFloats keys_;
  kernels::AlignedFloats values_;
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
  kernels::AlignedFloats own_row;   // [threads, width, padded]: a single row's `input`, one for each thread
  std::size_t own_row_stride;
  std::size_t scores_stride;
};

// The tokens of one pass and where it leaves its logits.
struct PassRequest {
  std::span<const TokenId> tokens;
  std::size_t first = 0;    // position of tokens[0]
  float* logits = nullptr;  // [tokens.size(), vocab], or [vocab] of the last one
  bool all_logits = false;
};

// Tokens through all layers. Each thread of a team calls run() with its own Worker.
class TransformerPass {
 public:
  TransformerPass(const TransformerWeights& weights, Activations& memory, KvStore& cache)
      : weights_(weights), memory_(memory), cache_(cache) {}
  void run(const Worker& worker, const PassRequest& request) const noexcept;

 private:
  void embed(const Worker& worker, const PassRequest& request) const noexcept;
  kernels::ConstRows normalise(const Worker& worker, const NormLayer& norm, std::size_t rows) const noexcept;
  void attention(const Worker& worker, std::size_t layer, kernels::ConstRows input,
                 const PassRequest& request) const noexcept;
  void multiply(const Worker& worker, const kernels::PackedMatrix& matrix,
                const kernels::LinearCall& call) const noexcept;
  void mlp(const Worker& worker, const TransformerLayer& layer, kernels::ConstRows input, kernels::ConstRows residual,
           std::size_t rows) const noexcept;
  void write_logits(const Worker& worker, kernels::ConstRows input, const PassRequest& request) const noexcept;

  const TransformerWeights& weights_;
  Activations& memory_;
  KvStore& cache_;
};

class TransformerModel final : public Model, public std::enable_shared_from_this<TransformerModel> {
 public:
  static Result<std::shared_ptr<const Model>> load(const checkpoint::Checkpoint& checkpoint);
  explicit TransformerModel(TransformerWeights weights) : weights_(std::move(weights)) {}

  const checkpoint::ModelConfig& config() const override { return weights_.config; }
  void forward(std::span<const TokenId> tokens, std::span<float> logits, ThreadPool& threads) const override;
  // The session shares the ownership of this model.
  std::unique_ptr<Session> new_session(ThreadPool& threads) const override;
  const TransformerWeights& weights() const { return weights_; }

 private:
  TransformerWeights weights_;
};

}  // namespace continuo::engine
