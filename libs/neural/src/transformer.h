#pragma once

#include <vector>

#include "continuo/neural/network.h"

#include "attention.h"
#include "dropout.h"
#include "fused/norm.h"

namespace continuo::neural {

// One stack for gpt (post-norm, causal), gpt2 (pre-norm, causal) and bert (pre-norm, bidirectional), each on the
// training kernels or on libtorch's functions; the latter say what the network is.
// Dropout acts on the embeddings' sum and on what each sublayer adds to the residual stream, not on the attention
// weights, which the fused attention never materialises. Source: Vaswani et al., "Attention Is All You Need", 2017;
// Radford et al., 2018 and 2019; Devlin et al., "BERT", 2018.
class Transformer final : public Network {
 public:
  explicit Transformer(const checkpoint::ModelConfig& config);
  torch::Tensor hidden(const torch::Tensor& tokens, const Pass& pass) const override;

 private:
  struct Affine {
    torch::Tensor weight, bias;
  };
  struct Layer {
    Affine attention_norm, qkv, proj, mlp_norm, fc1, fc2;
    torch::Tensor distance;  // keys of distances; undefined where positions are others
  };
  Affine affine(const std::string& name) const;
  fused::Norm fused_norm(const Affine& affine) const;
  torch::Tensor plain_hidden(torch::Tensor x, const Pass& pass) const;
  torch::Tensor fused_hidden(torch::Tensor x, const Pass& pass) const;
  AttentionOptions attention_options(const Layer& layer, const Pass& pass) const;
  // The sublayers of one block on the kernels: each reads its input and adds to the stream.
  torch::Tensor fused_attend(const torch::Tensor& stream, const torch::Tensor& input, std::size_t index,
                             const Pass& pass) const;
  torch::Tensor fused_feed_forward(const torch::Tensor& stream, const torch::Tensor& input, std::size_t index,
                                   const Pass& pass) const;
  torch::Tensor norm(const torch::Tensor& x, const Affine& weights) const;
  torch::Tensor attend(const torch::Tensor& x, const Layer& layer, const Pass& pass) const;
  torch::Tensor feed_forward(const torch::Tensor& x, const Layer& layer, const Pass& pass) const;
  torch::Tensor block(torch::Tensor x, std::size_t index, const Pass& pass) const;

  // Both dropouts of a block.
  static Drop attention_drop(std::size_t index, const Pass& pass);
  static Drop mlp_drop(std::size_t index, const Pass& pass);

  torch::Tensor token_embedding_, position_embedding_;  // the latter where positions are learned
  Affine embedding_norm_, final_norm_;  // of which post-norm models have the first, pre-norm models the second
  std::vector<Layer> layers_;
};

}  // namespace continuo::neural
