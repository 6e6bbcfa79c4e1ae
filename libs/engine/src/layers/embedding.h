#pragma once

#include <cstddef>
#include <vector>

#include "continuo/checkpoint/model_config.h"
#include "continuo/engine/model.h"

#include "weights/weight_reader.h"

namespace continuo::engine {

// What a token becomes before the first layer: its vector, plus those of its musical place and of its position where
// the model has them.
struct EmbeddingLayer {
  std::size_t width = 0;         // d_model
  std::vector<float> tokens;     // [vocab, width]
  std::vector<float> places;     // [places, width], or empty
  std::vector<float> slots;      // [slots, width], or empty
  std::vector<float> positions;  // [context, width], or empty

  bool is_only_tokens() const { return places.empty() && slots.empty() && positions.empty(); }
  const float* token(TokenId id) const { return tokens.data() + static_cast<std::size_t>(id) * width; }
};

// Errors: by the reader's status().
EmbeddingLayer read_embedding(WeightReader& reader, const checkpoint::ModelConfig& config);

// Shape: writes [input.size(), width]. `first` is the position of the first token.
void embed(const EmbeddingLayer& layer, Input input, std::size_t first, float* out) noexcept;

}  // namespace continuo::engine
