#include "layers/embedding.h"

#include <algorithm>

#include "continuo/kernels/elementwise.h"

namespace continuo::engine {
namespace {

// out += row `index` of a table, if there is one.
void add_row(const std::vector<float>& table, std::size_t index, std::size_t width, float* out) noexcept {
  if (!table.empty()) kernels::add(out, table.data() + index * width, out, width);
}

}  // namespace

EmbeddingLayer read_embedding(WeightReader& reader, const checkpoint::ModelConfig& config) {
  EmbeddingLayer layer;
  layer.width = static_cast<std::size_t>(config.d_model);
  layer.tokens = reader.take("token_embedding.weight");
  if (config.places > 0) layer.places = reader.take("place_embedding.weight");
  if (config.slots > 0) layer.slots = reader.take("slot_embedding.weight");
  if (config.has_position_vectors()) layer.positions = reader.take("position_embedding.weight");
  return layer;
}

void embed(const EmbeddingLayer& layer, Input input, std::size_t first, float* out) noexcept {
  const std::size_t width = layer.width;
  for (std::size_t i = 0; i < input.size(); ++i, out += width) {
    const MusicalPlace place = input.places.empty() ? MusicalPlace{} : input.places[i];
    std::copy_n(layer.token(input.tokens[i]), width, out);
    add_row(layer.places, place.in_bar, width, out);
    add_row(layer.slots, place.slot, width, out);
    add_row(layer.positions, first + i, width, out);
  }
}

}  // namespace continuo::engine
