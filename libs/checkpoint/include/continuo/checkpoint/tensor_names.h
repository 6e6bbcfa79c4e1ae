#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/checkpoint/model_config.h"

namespace continuo::checkpoint {

// A tensor that a model of this config must have.
struct TensorSpec {
  std::string name;
  std::vector<std::int64_t> shape;
  // Of a layer's linear map: the matrices that lie one below another, by their numbers of rows, such as those of
  // queries, keys and values. Empty for all other tensors.
  std::vector<std::int64_t> matrices = {};
};

// The contract between trainer and engine: names, order and shapes, [rows, columns] as y = W x + b reads them. Biases
// of linear layers are there where config.bias is, those of norms (their shift) where the kind of norm has one. kv is
// the width of all heads of keys, n_kv_heads * d_model / n_heads.
//   token_embedding.weight                [vocab, d_model]
// Transformer:
//   position_embedding.weight             [context, d_model]      learned positions only
//   embedding_norm.weight                 [d_model]        .bias  post-norm models only: after the embeddings' sum
//   layers.N.attention.qkv.weight         [d_model + 2 kv, d_model]  rows: all queries, then keys, then values
//                                         .bias [d_model + 2 kv]
//   layers.N.attention.query_norm.weight  [d_model / n_heads]     models with qk_norm only: one scale for all heads
//   layers.N.attention.key_norm.weight    [d_model / n_heads]     the same
//   layers.N.attention.proj.weight        [d_model, d_model]      .bias
//   layers.N.attention.distance.weight    [distances, d_model]    relative positions only: 0 to context - 1 back in
//                                                                 causal models, or to memory_length back where there
//                                                                 is a memory; else from context - 1 ahead on
//   layers.N.attention_norm.weight        [d_model]        .bias  pre: before attention; post: after its residual sum
//   layers.N.mlp.fc1.weight               [d_ff, d_model]         .bias; gated: [2 d_ff, d_model], gates, then values
//   layers.N.mlp.fc2.weight               [d_model, d_ff]         .bias
//   layers.N.mlp_norm.weight              [d_model]        .bias
//   final_norm.weight                     [d_model]        .bias  pre-norm models only
//   output.weight                         [vocab, d_model]        only if not tied; output.bias [vocab]
// LSTM (gates i, f, g, o; one bias, the sum of PyTorch's two) and GRU (.gru., gates r, z, n, so 3 in place of 4):
//   layers.N.lstm.input.weight            [4 d_model, d_model]
//   layers.N.lstm.recurrent.weight        [4 d_model, d_model]
//   layers.N.lstm.bias                    [4 d_model]; of the GRU's n that of the input's product
//   layers.N.gru.recurrent_bias           [d_model]: of the recurrent product of n
//   layers.N.attention.qkv, .proj         as above, of the last layer N alone; models with an attention_window only
//   output.weight / output.bias           as above
// A matrix may be stored as I8: whole numbers, each row times its entry of scale_name(NAME), F32 [rows].
std::vector<TensorSpec> tensor_specs(const ModelConfig& config);

// Of the norm outside of the layers: after them (pre-norm), or after the embedding (post-norm).
std::string outer_norm_name(NormPlacement placement);

// "layers.1.attention", of a recurrent model's attention.
std::string last_layer_attention(const ModelConfig& config);

// "layers.0.mlp.fc1.weight_scale" for "layers.0.mlp.fc1.weight".
std::string scale_name(const std::string& matrix);

// Whether the name is one that belongs to models; a file may have other tensors beside them.
bool is_model_tensor(std::string_view name);

// How many weights the model has.
std::int64_t parameter_count(const ModelConfig& config);

// The same by part. A tied output has only its bias, if any.
struct ParameterParts {
  std::int64_t embedding = 0;  // of tokens, places, slots and positions, with its norm
  std::int64_t layers = 0;
  std::int64_t output = 0;  // with the norm before it
  friend bool operator==(const ParameterParts&, const ParameterParts&) = default;
};
ParameterParts parameter_parts(const ModelConfig& config);

// Rows of attention.distance.weight.
std::int64_t distance_count(const ModelConfig& config);

}  // namespace continuo::checkpoint
