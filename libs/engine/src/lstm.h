#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "continuo/engine/model.h"
#include "continuo/kernels/linear.h"

#include "team.h"
#include "weight_reader.h"

namespace continuo::engine {

// Units whose four gates lie next to one another: one panel each.
inline constexpr std::size_t kUnitGroup = kernels::kPanelRows;

struct LstmLayer {
  // Rows group by group, each as kUnitGroup input gates, forget gates, candidates and output gates, so that a
  // thread that owns units owns all that they need.
  kernels::PackedMatrix input;  // with the bias
  kernels::PackedMatrix recurrent;
};

struct LstmWeights {
  explicit LstmWeights(const checkpoint::ModelConfig& model);
  void read(WeightReader& reader);
  std::size_t gate_stride() const { return groups * 4 * kUnitGroup; }

  checkpoint::ModelConfig config;
  std::size_t width;                   // d_model: units of each layer
  std::size_t groups;                  // of kUnitGroup units; the last one may be partly empty
  std::vector<float> token_embedding;  // [vocab, width]
  std::vector<LstmLayer> layers;
  kernels::PackedMatrix output;
  std::size_t bytes = 0;  // that one step reads

 private:
  kernels::PackedMatrix pack_gates(std::span<const float> weights, std::span<const float> bias) const;
};

// A prefix, as the network remembers it, and the memory of a pass over up to `rows` tokens.
struct LstmState {
  LstmState(const LstmWeights& weights, std::size_t rows);
  void clear() noexcept;

  std::size_t rows;
  std::size_t width;
  kernels::AlignedFloats hidden;  // [layers, width]
  kernels::AlignedFloats cell;    // [layers, width]
  kernels::AlignedFloats gates;   // [rows, gate_stride]
  kernels::AlignedFloats even;    // [rows, width] inputs of the layers 0, 2, ...
  kernels::AlignedFloats odd;     // [rows, width] inputs of the layers 1, 3, ...
};

struct LstmRequest {
  std::span<const TokenId> tokens;
  float* logits = nullptr;  // [tokens.size(), vocab], or [vocab] of the last one
  bool all_logits = false;
};

// Tokens through all layers. Each thread of a team calls run() with its own Worker.
class LstmPass {
 public:
  LstmPass(const LstmWeights& weights, LstmState& state) : weights_(weights), state_(state) {}
  void run(const Worker& worker, const LstmRequest& request) const noexcept;

 private:
  kernels::ConstRows embed(const Worker& worker, std::span<const TokenId> tokens) const noexcept;
  void recur(const Worker& worker, std::size_t layer, std::size_t rows, kernels::Rows output) const noexcept;

  const LstmWeights& weights_;
  LstmState& state_;
};

class LstmModel final : public Model, public std::enable_shared_from_this<LstmModel> {
 public:
  static Result<std::shared_ptr<const Model>> load(const checkpoint::Checkpoint& checkpoint);
  explicit LstmModel(LstmWeights weights) : weights_(std::move(weights)) {}

  const checkpoint::ModelConfig& config() const override { return weights_.config; }
  void forward(std::span<const TokenId> tokens, std::span<float> logits, ThreadPool& threads) const override;
  // The session shares the ownership of this model.
  std::unique_ptr<Session> new_session(ThreadPool& threads) const override;
  const LstmWeights& weights() const { return weights_; }

 private:
  LstmWeights weights_;
};

}  // namespace continuo::engine
