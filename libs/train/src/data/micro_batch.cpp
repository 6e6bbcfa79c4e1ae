#include "data/micro_batch.h"

#include <algorithm>

#include <torch/torch.h>

namespace continuo::train {
namespace {

template <typename Change>
Batch with_tensors(const Batch& batch, const Change& change) {
  Batch changed = batch;
  for (torch::Tensor* tensor :
       {&changed.inputs, &changed.padding, &changed.places, &changed.targets, &changed.musical_places}) {
    if (tensor->defined()) *tensor = change(*tensor);
  }
  return changed;
}

}  // namespace

Batch moved_to(const Batch& batch, torch::Device device) {
  if (device.is_cpu()) return batch;
  return with_tensors(batch, [&](const torch::Tensor& tensor) { return tensor.to(device, /*non_blocking=*/true); });
}

Batch pinned(const Batch& batch) {
  return with_tensors(batch, [](const torch::Tensor& tensor) { return tensor.pin_memory(); });
}

Batch rows_of(const Batch& batch, std::int64_t first, std::int64_t rows) {
  const std::int64_t time = batch.inputs.size(1);
  const std::int64_t* const places = batch.places.data_ptr<std::int64_t>();
  const std::int64_t* const begin = std::lower_bound(places, places + batch.count, first * time);
  const std::int64_t* const end = std::lower_bound(begin, places + batch.count, (first + rows) * time);
  Batch part;
  part.count = end - begin;
  part.inputs = batch.inputs.narrow(0, first, rows);
  part.places = batch.places.narrow(0, begin - places, part.count) - first * time;
  part.targets = batch.targets.narrow(0, begin - places, part.count);
  if (batch.padding.defined()) part.padding = batch.padding.narrow(0, first, rows);
  if (batch.musical_places.defined()) part.musical_places = batch.musical_places.narrow(1, first, rows).contiguous();
  return part;
}

}  // namespace continuo::train
