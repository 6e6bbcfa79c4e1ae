#include "optimiser/kernel_weights.h"

#include <algorithm>
#include <cmath>

#include <torch/torch.h>

#include "continuo/checkpoint/tensor_names.h"
#include "continuo/neural/parallel.h"

namespace continuo::train {

KernelWeights::KernelWeights(const neural::Network& network, const Options& options)
    : network_(network), optimizer_(options.bf16, options.ranks), average_(options.ema) {
  const std::vector<checkpoint::TensorSpec> specs = checkpoint::tensor_specs(network.config());
  const std::vector<MovementRule> rules = movement_rules(network, options);
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const std::span<float> values = values_of(network.parameters()[i].value);
    Movement movement{.first_slot = optimizer_.slots().size()};
    if (rules[i].is_moved) {
      optimizer_.add(values, rules[i].decays, rules[i].matrices);
      optimizer_.slots().back().rate = rules[i].rate;
    } else if (rules[i].is_changed_by_low_rank) {
      low_rank_.push_back(std::make_unique<LowRankMatrices>(values, specs[i], options.lora_rank, rules[i].seed));
      movement.low_rank = low_rank_.back().get();
      optimizer_.add(movement.low_rank->down(), true);
      optimizer_.add(movement.low_rank->up(), true);
    }
    movement.slots = optimizer_.slots().size() - movement.first_slot;
    movements_.push_back(movement);
    average_.add(values);
  }
}

std::vector<std::span<const float>> KernelWeights::gradients(std::vector<torch::Tensor>& kept) {
  std::vector<std::span<const float>> of_parameters, of_slots;
  for (const neural::Parameter& parameter : network_.parameters()) {
    const torch::Tensor gradient = parameter.value.grad();
    if (gradient.defined()) kept.push_back(gradient.contiguous());
    of_parameters.push_back(gradient.defined() ? values_of(kept.back()) : std::span<float>{});
  }
  neural::kernel_threads().share(movements_.size(), [&](std::size_t i, int) {
    if (movements_[i].low_rank != nullptr && !of_parameters[i].empty())
      movements_[i].low_rank->project(of_parameters[i]);
  });
  for (std::size_t i = 0; i < movements_.size(); ++i) {
    const LowRankMatrices* change = movements_[i].low_rank;
    if (change == nullptr || of_parameters[i].empty()) {
      of_slots.insert(of_slots.end(), movements_[i].slots, of_parameters[i]);
    } else {
      of_slots.push_back(change->down_gradient());
      of_slots.push_back(change->up_gradient());
    }
  }
  return of_slots;
}

double KernelWeights::step(const Optimiser::Update& update) {
  std::vector<torch::Tensor> kept;
  const double norm = optimizer_.step(gradients(kept), update);
  if (!std::isfinite(norm)) return norm;
  merge();
  average_.follow(update.step);
  return norm;
}

void KernelWeights::merge() {
  neural::kernel_threads().share(low_rank_.size(), [&](std::size_t i, int) { low_rank_[i]->merge(); });
}

void KernelWeights::begin_with_weights() {
  for (const auto& change : low_rank_) change->begin_with_weights();
  for (std::size_t i = 0; i < network_.parameters().size(); ++i) {
    const std::span<const float> values = values_of(network_.parameters()[i].value);
    if (const auto average = average_.of(i); !average.empty()) std::copy(values.begin(), values.end(), average.begin());
  }
}

std::vector<ParameterState> KernelWeights::state(HostCopies&) {
  std::vector<ParameterState> states;
  const auto add = [&](const std::string& name, std::vector<std::int64_t> shape, Optimiser::Slot& slot) {
    states.push_back({name, std::move(shape), slot.value, slot.first_moment, slot.second_moment});
  };
  for (std::size_t i = 0; i < movements_.size(); ++i) {
    const neural::Parameter& parameter = network_.parameters()[i];
    const auto [slot, slots, change] = movements_[i];
    if (slots == 1) {
      add(parameter.name, parameter.value.sizes().vec(), optimizer_.slots()[slot]);
      states.back().average = average_.of(i);
      continue;
    }
    const std::span<float> kept = change == nullptr ? values_of(parameter.value) : change->base();
    states.push_back({parameter.name, parameter.value.sizes().vec(), kept, {}, {}, average_.of(i)});
    if (change == nullptr) continue;
    add(parameter.name + ".lora_down", change->down_shape(), optimizer_.slots()[slot]);
    add(parameter.name + ".lora_up", change->up_shape(), optimizer_.slots()[slot + 1]);
  }
  return states;
}

}  // namespace continuo::train
