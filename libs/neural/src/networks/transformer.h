#pragma once

#include <string>
#include <vector>

#include "continuo/neural/network.h"

#include "parts/embedding.h"
#include "parts/feed_forward.h"
#include "parts/norm.h"
#include "shared/attention_options.h"
#include "shared/branch.h"

namespace continuo::neural {

// The stack of all Transformers, whose parts are those of its config.
// Dropout acts on the embeddings' sum and on what each sublayer adds to the residual stream, not on the attention
// weights, which the fused attention never materialises. Source: Vaswani et al., "Attention Is All You Need", 2017;
// Radford et al., 2018 and 2019; Devlin et al., "BERT", 2018; Touvron et al., "LLaMA", 2023.
class Transformer final : public Network {
 public:
  Transformer(const checkpoint::ModelConfig& config, torch::Device device);
  torch::Tensor hidden(const torch::Tensor& tokens, const Pass& pass) const override;

 private:
  struct Layer {
    NormWeights attention_norm, mlp_norm;
    LinearWeights qkv, proj;
    torch::Tensor query_scale, key_scale;  // of the norms of heads; undefined where there are none
    torch::Tensor distance;                // keys of distances; undefined where positions are others
    FeedForwardWeights mlp;
  };
  NormWeights read_norm(const std::string& name) const;
  Layer read_layer(const std::string& prefix) const;

  // Both take the embedded tokens and return what the output layer reads.
  torch::Tensor pre_norm_layers(const torch::Tensor& stream, const Pass& pass) const;
  torch::Tensor post_norm_layers(const torch::Tensor& stream, const Pass& pass) const;
  torch::Tensor pre_norm_block(torch::Tensor stream, std::size_t index, const Pass& pass) const;
  Branch post_norm_block(Branch branch, std::size_t index, const Pass& pass) const;
  // The sublayers: stream + dropped(f(input)).
  torch::Tensor attend_onto(const Branch& branch, std::size_t index, const Pass& pass) const;
  torch::Tensor mlp_onto(const Branch& branch, std::size_t index, const Pass& pass) const;
  AttentionOptions attention_options(const Layer& layer, const Pass& pass) const;

  EmbeddingWeights embedding_;
  NormWeights outer_norm_;  // pre-norm: of the last sum; post-norm: of the embeddings' sum
  std::vector<Layer> layers_;
};

}  // namespace continuo::neural
