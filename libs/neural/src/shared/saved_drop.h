#pragma once

#include <torch/torch.h>

#include "shared/drop.h"

namespace continuo::neural {

// A dropout on its way from a function's forward to its backward pass.
inline void save_drop(torch::autograd::AutogradContext* context, const Drop& drop) {
  context->saved_data["probability"] = drop.probability;
  context->saved_data["seed"] = std::int64_t(drop.seed);
  context->saved_data["first_row"] = drop.first_row;
}
inline Drop saved_drop(torch::autograd::AutogradContext* context) {
  auto& saved = context->saved_data;
  return {saved["probability"].toDouble(), std::uint64_t(saved["seed"].toInt()), saved["first_row"].toInt()};
}

}  // namespace continuo::neural
