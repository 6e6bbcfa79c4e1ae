#pragma once

#include <torch/types.h>

#include "continuo/neural/pass.h"

namespace continuo::neural {

// The vectors that are summed before the first layer. All but the first may be undefined.
struct EmbeddingWeights {
  torch::Tensor tokens;     // [vocab, width]
  torch::Tensor places;     // [places, width], of a place in the bar
  torch::Tensor slots;      // [slots, width]
  torch::Tensor positions;  // [context, width], of a position in the window
};

// What is embedded.
struct EmbeddingInput {
  torch::Tensor ids;     // [rows, columns] int64
  torch::Tensor places;  // [2, rows, columns] int64 as in Pass, or undefined: all are the first
};

// Shape: -> [rows, columns, width]. Positions are those of columns.
torch::Tensor embed(const EmbeddingInput& input, const EmbeddingWeights& weights, const Pass& pass);

}  // namespace continuo::neural
