#include "continuo/neural/places.h"

#include <torch/torch.h>

namespace continuo::neural {

torch::Tensor places_tensor(std::span<const MusicalPlace> places, std::int64_t rows, std::int64_t time) {
  const std::size_t columns = places.size() / std::size_t(rows);
  const torch::Tensor tensor = torch::empty({2, rows, time}, torch::kInt64);
  auto* in_bar = tensor.data_ptr<std::int64_t>();
  auto* slot = in_bar + rows * time;
  for (std::size_t row = 0; row < std::size_t(rows); ++row) {
    for (const MusicalPlace& place : places.subspan(row * columns, std::size_t(time))) {
      *in_bar++ = place.in_bar;
      *slot++ = place.slot;
    }
  }
  return tensor;
}

}  // namespace continuo::neural
