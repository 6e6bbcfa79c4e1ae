#include "parts/embedding.h"

#include <torch/torch.h>

#include "fused/embedding.h"

namespace continuo::neural {
namespace {

using torch::Tensor;

Tensor rows_of_table(const Tensor& ids, const Tensor& table, const Tensor& positions, const Pass& pass) {
  if (pass.fused) return fused::embed(ids, table, positions);
  const Tensor x = at::embedding(table, ids);
  return positions.defined() ? x + positions : x;
}

Tensor add_places(const Tensor& x, const EmbeddingInput& input, int kind, const Tensor& table, const Pass& pass) {
  if (!table.defined()) return x;
  const Tensor ids = input.places.defined() ? input.places[kind] : at::zeros_like(input.ids);
  return x + rows_of_table(ids, table, {}, pass);
}

}  // namespace

Tensor embed(const EmbeddingInput& input, const EmbeddingWeights& weights, const Pass& pass) {
  const Tensor positions = weights.positions.defined() ? weights.positions.slice(0, 0, input.ids.size(1)) : Tensor();
  Tensor x = rows_of_table(input.ids, weights.tokens, positions, pass);
  x = add_places(x, input, 0, weights.places, pass);
  return add_places(x, input, 1, weights.slots, pass);
}

}  // namespace continuo::neural
