#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "continuo/checkpoint/model_config.h"

namespace continuo::checkpoint {

// A tensor that a model of this config must have.
struct TensorSpec {
  std::string name;
  std::vector<std::int64_t> shape;
};

// The contract between trainer and engine: names, order and shapes, [rows, columns] as y = W x + b reads them.
//   token_embedding.weight                [vocab, d_model]
// Transformer:
//   position_embedding.weight             [context, d_model]      learned positions only
//   embedding_norm.weight                 [d_model]        .bias  post-norm models only: after the embeddings' sum
//   layers.N.attention.qkv.weight         [3 d_model, d_model]    rows: all queries, then keys, then values
//                                         .bias [3 d_model]
//   layers.N.attention.proj.weight        [d_model, d_model]      .bias
//   layers.N.attention.distance.weight    [distances, d_model]    relative positions only: 0 to context - 1 back in
//                                                                 causal models, else from context - 1 ahead on
//   layers.N.attention_norm.weight        [d_model]        .bias  pre: before attention; post: after its residual sum
//   layers.N.mlp.fc1.weight               [d_ff, d_model]         .bias
//   layers.N.mlp.fc2.weight               [d_model, d_ff]         .bias
//   layers.N.mlp_norm.weight              [d_model]        .bias
//   final_norm.weight                     [d_model]        .bias  pre-norm models only
//   output.weight                         [vocab, d_model]        only if not tied; output.bias [vocab] always
// LSTM (gate order i, f, g, o; one bias, the sum of PyTorch's two):
//   layers.N.lstm.input.weight            [4 d_model, d_model]
//   layers.N.lstm.recurrent.weight        [4 d_model, d_model]
//   layers.N.lstm.bias                    [4 d_model]
//   output.weight / output.bias           as above
// A matrix may be stored as I8: whole numbers, each row times its entry of scale_name(NAME), F32 [rows].
std::vector<TensorSpec> tensor_specs(const ModelConfig& config);

// "layers.0.mlp.fc1.weight_scale" for "layers.0.mlp.fc1.weight".
std::string scale_name(const std::string& matrix);

// Rows of attention.distance.weight.
std::int64_t distance_count(const ModelConfig& config);

}  // namespace continuo::checkpoint
