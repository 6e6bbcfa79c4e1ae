#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "continuo/engine/model.h"
#include "continuo/kernels/linear.h"

#include "weight_reader.h"
#include "workers.h"

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
  LstmWeights(const checkpoint::ModelConfig& model, Precision weight_precision);
  void read(WeightReader& reader);
  std::size_t gate_stride() const { return groups * 4 * kUnitGroup; }

  checkpoint::ModelConfig config;
  Precision precision;
  std::size_t width;                   // d_model: units of each layer
  std::size_t groups;                  // of kUnitGroup units; the last one may be partly empty
  std::vector<float> token_embedding;  // [vocab, width]
  std::vector<LstmLayer> layers;
  kernels::PackedMatrix output;
  std::size_t bytes = 0;  // that one step reads

 private:
  kernels::PackedMatrix pack_gates(WeightReader& reader, const std::string& name, const Floats& bias) const;
};

// A prefix, as the network remembers it.
struct LstmState {
  explicit LstmState(const LstmWeights& weights);
  LstmState(const LstmState& other);
  LstmState& operator=(const LstmState&) = delete;
  void clear() noexcept;

  kernels::AlignedFloats hidden;  // [layers, width]
  kernels::AlignedFloats cell;    // [layers, width]
};

// The memory of a pass over up to `rows` tokens.
struct LstmActivations {
  LstmActivations(const LstmWeights& weights, std::size_t rows);

  std::size_t rows;
  kernels::AlignedFloats gates;   // [rows, gate_stride]
  kernels::AlignedFloats even;    // [rows, width] inputs of the layers 0, 2, ...
  kernels::AlignedFloats odd;     // [rows, width] inputs of the layers 1, 3, ...
  kernels::AlignedFloats before;  // [rows, width] several pieces' hidden states of one layer
  PreparedInput input, state;     // of the products under way
};

// Neighbouring tokens of one piece, or one token of each of several pieces.
struct LstmRequest {
  std::span<const TokenId> tokens;
  std::span<LstmState* const> states;  // one, or as many as tokens
  float* logits = nullptr;             // [tokens.size(), vocab], or [vocab] of the last one
  bool all_logits = false;
};

// Tokens through all layers.
class LstmPass {
 public:
  LstmPass(const LstmWeights& weights, LstmActivations& memory, const Workers& workers)
      : weights_(weights), memory_(memory), workers_(workers) {}
  void run(const LstmRequest& request) const noexcept;

 private:
  kernels::ConstRows embed(std::span<const TokenId> tokens) const noexcept;
  void recur_in_time(std::size_t layer, kernels::ConstRows input, const LstmRequest& request,
                     kernels::Rows output) const noexcept;
  void recur_side_by_side(std::size_t layer, kernels::ConstRows input, const LstmRequest& request,
                          kernels::Rows output) const noexcept;
  void multiply(const kernels::PackedMatrix& matrix, const kernels::LinearCall& call, std::size_t begin,
                std::size_t end) const noexcept;
  void update_units(std::size_t begin, std::size_t end, std::size_t row, float* cell, float* hidden) const noexcept;

  const LstmWeights& weights_;
  LstmActivations& memory_;
  const Workers& workers_;
};

class LstmModel final : public Model, public std::enable_shared_from_this<LstmModel> {
 public:
  static Result<std::shared_ptr<const Model>> load(const checkpoint::Checkpoint& checkpoint, Precision precision);
  explicit LstmModel(LstmWeights weights) : weights_(std::move(weights)) {}

  const checkpoint::ModelConfig& config() const override { return weights_.config; }
  Precision precision() const override { return weights_.precision; }
  std::size_t bytes_per_step(std::size_t) const override { return weights_.bytes; }
  void forward(std::span<const TokenId> tokens, std::span<float> logits, ThreadPool& threads) const override;
  // These share the ownership of this model.
  std::unique_ptr<Session> new_session(ThreadPool& threads) const override;
  std::unique_ptr<Ensemble> new_ensemble(int most_sessions, ThreadPool& threads) const override;
  const LstmWeights& weights() const { return weights_; }

 private:
  LstmWeights weights_;
};

// Tokens whose input sums are computed together.
inline constexpr std::size_t kLstmChunk = 256;

}  // namespace continuo::engine
