#include "optimiser/tensor_optimiser.h"

#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include <torch/torch.h>

#include "continuo/kernels/optimiser.h"
#include "continuo/kernels/orthogonal.h"
#include "continuo/neural/timing.h"

namespace continuo::train {
namespace {

using torch::Tensor;
using Slot = TensorOptimiser::Slot;
using Update = Optimiser::Update;
using Tensors = std::vector<Tensor>;

// libtorch's functions for lists of tensors, which other devices need not have.
bool has_lists(const Tensor& tensor) { return tensor.is_cpu() || tensor.is_cuda(); }

double norm_of(const Tensors& gradients) {
  Tensors norms;
  if (gradients.empty()) return 0;
  if (has_lists(gradients[0])) {
    norms = at::_foreach_norm(gradients);
  } else {
    for (const Tensor& gradient : gradients) norms.push_back(gradient.norm());
  }
  return at::stack(norms).to(torch::kCPU, torch::kFloat64).norm().item<double>();
}

void multiply(const Tensors& tensors, double factor) {
  if (has_lists(tensors[0])) return at::_foreach_mul_(tensors, factor);
  for (const Tensor& tensor : tensors) tensor.mul_(factor);
}

void add_multiple(const Tensors& tensors, const Tensors& others, double factor) {
  if (has_lists(tensors[0])) return at::_foreach_add_(tensors, others, factor);
  for (std::size_t i = 0; i < tensors.size(); ++i) tensors[i].add_(others[i], factor);
}

// What AdamW moves in one way.
struct AdamwGroup {
  Tensors values, gradients, first_moments, second_moments;
};

struct AdamwRate {
  double learning_rate = 0, weight_decay = 0;
};

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
bool move_at_once(const AdamwGroup& group, const AdamwRate& rate, std::int64_t step) {
  const Tensor& one = group.values[0];
  if (!has_lists(one)) return false;
  const kernels::AdamwFactors factors;
  const Tensors steps(group.values.size(), torch::full({}, static_cast<double>(step), one.options()));
  at::_fused_adamw_(group.values, group.gradients, group.first_moments, group.second_moments, {}, steps,
                    rate.learning_rate, factors.beta1, factors.beta2, rate.weight_decay, factors.epsilon, false, false);
  return true;
}
#else
bool move_at_once(const AdamwGroup&, const AdamwRate&, std::int64_t) { return false; }
#endif

void move_by_adamw(const AdamwGroup& group, const AdamwRate& rate, std::int64_t step) {
  if (move_at_once(group, rate, step)) return;
  const kernels::AdamwFactors factors;
  const double beta1 = factors.beta1, beta2 = factors.beta2, t = static_cast<double>(step);
  const double step_size = rate.learning_rate / (1 - std::pow(beta1, t));
  const double correction = std::sqrt(1 - std::pow(beta2, t));
  for (std::size_t i = 0; i < group.values.size(); ++i) {
    const Tensor &first = group.first_moments[i], &second = group.second_moments[i], &gradient = group.gradients[i];
    first.mul_(beta1).add_(gradient, 1 - beta1);
    second.mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
    const Tensor divisor = second.sqrt().div_(correction).add_(factors.epsilon);
    group.values[i].mul_(1 - rate.learning_rate * rate.weight_decay).addcdiv_(first, divisor, -step_size);
  }
}

// What Muon moves together: matrices of one shape.
struct MuonGroup {
  Tensors values, momenta, gradients;
};
using MuonGroups = std::map<std::pair<std::int64_t, std::int64_t>, MuonGroup>;

void add_matrices(const Slot& slot, const Tensor& gradient, MuonGroups& groups) {
  const std::int64_t columns = slot.value.size(-1);
  std::int64_t row = 0;
  for (const std::int64_t rows : slot.matrices) {
    MuonGroup& group = groups[{rows, columns}];
    const auto own = [&](const Tensor& all) { return all.detach().view({-1, columns}).narrow(0, row, rows); };
    group.values.push_back(own(slot.value));
    group.momenta.push_back(own(slot.first_moment));
    group.gradients.push_back(own(gradient));
    row += rows;
  }
}

void move_by_muon(const MuonGroup& group, const Update& update) {
  const double keep = kernels::MuonFactors().momentum;
  const double rows = static_cast<double>(group.values[0].size(0)),
               columns = static_cast<double>(group.values[0].size(1));
  multiply(group.momenta, keep);
  add_multiple(group.momenta, group.gradients, 1 - keep);
  const Tensor ahead = at::stack(group.momenta).mul_(keep).add_(at::stack(group.gradients), 1 - keep);
  const Tensor direction = orthogonalised(ahead);
  const double step_size = update.muon_learning_rate * std::sqrt(std::max(1.0, rows / columns));
  multiply(group.values, 1 - update.muon_learning_rate * update.weight_decay);
  add_multiple(group.values, direction.unbind(0), -step_size);
}

}  // namespace

Tensor orthogonalised(const Tensor& matrices) {
  constexpr double kTiny = 1e-30;  // a matrix of zeros stays one
  const bool upright = matrices.size(1) > matrices.size(2);
  Tensor x = upright ? matrices.transpose(1, 2).contiguous() : matrices;
  x = x / x.norm(2, at::IntArrayRef{1, 2}, true).clamp_min(kTiny);
  for (const kernels::Quintic& quintic : kernels::kOrthogonalSteps) {
    const Tensor square = at::bmm(x, x.transpose(1, 2));
    const Tensor polynomial = at::baddbmm(square, square, square, quintic.b, quintic.c);
    x = at::baddbmm(x, polynomial, x, quintic.a, 1);
  }
  return upright ? x.transpose(1, 2) : x;
}

void TensorOptimiser::add(const Tensor& value, bool decays, double rate, std::vector<std::int64_t> matrices) {
  const Tensor zeros = torch::zeros_like(value.detach());
  const Tensor second = matrices.empty() ? torch::zeros_like(zeros) : Tensor();
  slots_.push_back({value.detach(), decays, rate, std::move(matrices), zeros, second});
}

double TensorOptimiser::step(const std::vector<Tensor>& gradients, const Update& update) {
  const neural::Timing timing("optimiser");
  const torch::NoGradGuard no_grad;
  Tensors all;
  for (const Tensor& gradient : gradients) {
    if (gradient.defined()) all.push_back(gradient);
  }
  const double norm = norm_of(all);
  if (!std::isfinite(norm)) return norm;

  MuonGroups matrices;
  std::map<std::tuple<bool, double>, AdamwGroup> others;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[i];
    if (!gradients[i].defined()) continue;
    if (!slot.matrices.empty()) {
      add_matrices(slot, gradients[i], matrices);
      continue;
    }
    AdamwGroup& group = others[{slot.decays, slot.rate}];
    group.values.push_back(slot.value);
    group.gradients.push_back(gradients[i]);
    group.first_moments.push_back(slot.first_moment);
    group.second_moments.push_back(slot.second_moment);
  }
  for (const auto& [shape, group] : matrices) move_by_muon(group, update);
  for (const auto& [way, group] : others) {
    if (update.gradient_clip > 0 && norm > update.gradient_clip) multiply(group.gradients, update.gradient_clip / norm);
    const auto [decays, rate] = way;
    move_by_adamw(group, {rate * update.learning_rate, decays ? update.weight_decay : 0}, update.step);
  }
  return norm;
}

}  // namespace continuo::train
