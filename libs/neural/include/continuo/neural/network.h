#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <torch/types.h>

#include "continuo/base/result.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/neural/pass.h"

namespace continuo::neural {

struct EmbeddingWeights;
struct LinearWeights;

// One weight under its name in the checkpoint. fp32, contiguous, requires a gradient; on the network's device.
struct Parameter {
  std::string name;
  torch::Tensor value;
};

// A language model with gradients: the trainer's counterpart of engine::Model. Parameters are exactly
// checkpoint::tensor_specs(config), in that order, on one device, where all tensors that a pass is given have to be.
// On other devices than the CPU only passes that are not fused can be done. Not thread-safe; not copyable.
class Network {
 public:
  // Freshly initialised weights, a function of (config, seed) alone on every platform and device.
  // Requires: validate(config) holds.
  static std::unique_ptr<Network> create(const checkpoint::ModelConfig& config, std::uint64_t seed,
                                         torch::Device device = torch::kCPU);
  virtual ~Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  const checkpoint::ModelConfig& config() const { return config_; }
  const std::vector<Parameter>& parameters() const { return parameters_; }
  torch::Device device() const { return device_; }

  // Shape: tokens [batch, time] int64 -> [batch, time, d_model]. Requires: time <= context_length where
  // config().is_limited_to_context(); ids in range. With pass.memory it reads what the last pass remembered, and
  // replaces it by what it has seen.
  virtual torch::Tensor hidden(const torch::Tensor& tokens, const Pass& pass) const = 0;
  // The memory before the first pass over `batch` rows: zeros, masked by pass.padding. No layers where the network
  // has no memory.
  Memory empty_memory(std::int64_t batch) const;
  // Shape: hidden [..., d_model] -> logits [..., vocab], fp32. Rows may be selected before, to save work.
  torch::Tensor logits(const torch::Tensor& hidden, const Pass& pass) const;
  // The sum of the targets' negative log-likelihoods, in nats, without all logits in memory. With pass.label_smoothing
  // it is the cross-entropy with the smoothed targets instead: (1 - s) of the target's, s of the mean over all tokens.
  // Shape: hidden [rows, d_model], targets [rows] int64 -> a scalar, fp32.
  torch::Tensor nll_sum(const torch::Tensor& hidden, const torch::Tensor& targets, const Pass& pass) const;
  // Shape: tokens [batch, time] int64 -> logits [batch, time, vocab], fp32.
  torch::Tensor forward(const torch::Tensor& tokens, const Pass& pass = {}) const;

  // Copies weights in. Errors: not_found (a tensor is missing), malformed (shape or type; fp32, fp16, bf16 and
  // int8 with its scales are read), naming the tensor; nothing is changed then.
  Status import_weights(const std::map<std::string, checkpoint::TensorView>& tensors);
  // The weights as fp32: in place, or from another device copies. Valid while the network lives and is neither trained
  // further nor exported again.
  std::map<std::string, checkpoint::TensorView> export_weights() const;

 protected:
  Network(const checkpoint::ModelConfig& config, torch::Device device);
  EmbeddingWeights embedding() const;
  // `name`.weight and `name`.bias, if the model has biases.
  LinearWeights linear(const std::string& name) const;
  // Requires: `name` is one of tensor_specs(config).
  const torch::Tensor& parameter(const std::string& name) const;

 private:
  // The matrix and bias that make logits of hidden states.
  LinearWeights output() const;

  checkpoint::ModelConfig config_;
  torch::Device device_;
  std::vector<Parameter> parameters_;
  mutable std::vector<torch::Tensor> exported_;  // what export_weights() has copied from another device
};

}  // namespace continuo::neural
