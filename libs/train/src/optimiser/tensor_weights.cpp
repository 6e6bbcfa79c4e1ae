#include "optimiser/tensor_weights.h"

#include <cmath>

#include <torch/torch.h>

#include "continuo/checkpoint/tensor_names.h"

#include "optimiser/low_rank.h"
#include "optimiser/weight_average.h"

namespace continuo::train {
namespace {

using torch::Tensor;

Tensor on_device(const std::vector<float>& values, std::int64_t columns, const torch::Device& device) {
  return torch::tensor(at::ArrayRef<float>(values), torch::kFloat32).view({-1, columns}).to(device);
}

}  // namespace

TensorWeights::TensorWeights(const neural::Network& network, const Options& options)
    : network_(network), ema_(options.ema) {
  const torch::NoGradGuard no_grad;
  const std::vector<checkpoint::TensorSpec> specs = checkpoint::tensor_specs(network.config());
  const std::vector<MovementRule> rules = movement_rules(network, options);
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const Tensor value = network.parameters()[i].value.detach();
    Movement movement{.first_slot = optimizer_.slots().size()};
    if (rules[i].is_moved) {
      optimizer_.add(value, rules[i].decays, rules[i].rate, rules[i].matrices);
    } else if (rules[i].is_changed_by_low_rank) {
      const std::vector<float> down = LowRankMatrices::initial_down(specs[i], options.lora_rank, rules[i].seed);
      movement.low_rank = {.rows = specs[i].matrices,
                           .base = value.clone(),
                           .down = on_device(down, value.size(-1), value.device()),
                           .up = torch::zeros({value.size(0), options.lora_rank}, value.options())};
      optimizer_.add(movement.low_rank->down, true);
      optimizer_.add(movement.low_rank->up, true);
    }
    movement.slots = optimizer_.slots().size() - movement.first_slot;
    movements_.push_back(std::move(movement));
    if (ema_ > 0) average_.push_back(value.clone());
  }
}

void TensorWeights::add_gradients(const Movement& movement, const Tensor& gradient, std::vector<Tensor>& all) const {
  if (!movement.low_rank || !gradient.defined()) {
    all.insert(all.end(), movement.slots, gradient);
    return;
  }
  const auto& [rows, base, down, up] = *movement.low_rank;
  const std::int64_t rank = up.size(1);
  std::vector<Tensor> of_down, of_up;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Tensor own = gradient.narrow(0, first, rows[i]);
    of_up.push_back(at::matmul(own, down.narrow(0, static_cast<std::int64_t>(i) * rank, rank).t()));
    of_down.push_back(at::matmul(up.narrow(0, first, rows[i]).t(), own));
    first += rows[i];
  }
  all.push_back(at::cat(of_down));
  all.push_back(at::cat(of_up));
}

double TensorWeights::step(const Optimiser::Update& update) {
  const torch::NoGradGuard no_grad;
  std::vector<Tensor> gradients;
  for (std::size_t i = 0; i < movements_.size(); ++i) {
    const Tensor gradient = network_.parameters()[i].value.grad();
    add_gradients(movements_[i], gradient.defined() ? gradient.contiguous() : gradient, gradients);
  }
  const double norm = optimizer_.step(gradients, update);
  if (!std::isfinite(norm)) return norm;
  merge();
  follow(update.step);
  return norm;
}

void TensorWeights::merge() {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < movements_.size(); ++i) {
    if (!movements_[i].low_rank) continue;
    const auto& [rows, base, down, up] = *movements_[i].low_rank;
    const Tensor value = network_.parameters()[i].value.detach();
    std::int64_t first = 0;
    for (std::size_t matrix = 0; matrix < rows.size(); ++matrix) {
      const Tensor own_down = down.narrow(0, static_cast<std::int64_t>(matrix) * up.size(1), up.size(1));
      const auto own = [&, begin = first, count = rows[matrix]](const Tensor& all) {
        return all.narrow(0, begin, count);
      };
      own(value).copy_(at::addmm(own(base), own(up), own_down));
      first += rows[matrix];
    }
  }
}

void TensorWeights::begin_with_weights() {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < movements_.size(); ++i) {
    const Tensor value = network_.parameters()[i].value.detach();
    if (movements_[i].low_rank) movements_[i].low_rank->base.copy_(value);
    if (ema_ > 0) average_[i].copy_(value);
  }
}

void TensorWeights::follow(std::int64_t step) {
  const double share = WeightAverage::share_of(ema_, step);
  for (std::size_t i = 0; i < average_.size(); ++i) average_[i].lerp_(network_.parameters()[i].value.detach(), share);
}

void TensorWeights::exchange_average() {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < average_.size(); ++i) {
    const Tensor value = network_.parameters()[i].value.detach();
    const Tensor kept = value.clone();
    value.copy_(average_[i]);
    average_[i].copy_(kept);
  }
}

std::vector<ParameterState> TensorWeights::state(HostCopies& host) {
  std::vector<ParameterState> states;
  const auto numbers = [&](const Tensor& tensor) { return tensor.defined() ? host.of(tensor) : std::span<float>{}; };
  const auto add = [&](const std::string& name, const TensorOptimiser::Slot& slot) {
    states.push_back(
        {name, slot.value.sizes().vec(), numbers(slot.value), numbers(slot.first_moment), numbers(slot.second_moment)});
  };
  for (std::size_t i = 0; i < movements_.size(); ++i) {
    const auto& [name, value] = network_.parameters()[i];
    const auto& [slot, slots, change] = movements_[i];
    if (slots == 1) {
      add(name, optimizer_.slots()[slot]);
    } else {
      states.push_back({name, value.sizes().vec(), numbers(change ? change->base : value.detach()), {}, {}});
    }
    if (ema_ > 0) states.back().average = numbers(average_[i]);
    if (!change) continue;
    add(name + ".lora_down", optimizer_.slots()[slot]);
    add(name + ".lora_up", optimizer_.slots()[slot + 1]);
  }
  return states;
}

}  // namespace continuo::train
