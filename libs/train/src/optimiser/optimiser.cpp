#include "optimiser/optimiser.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "continuo/kernels/aligned_floats.h"
#include "continuo/kernels/number_types.h"
#include "continuo/kernels/optimiser.h"
#include "continuo/kernels/orthogonal.h"
#include "continuo/neural/parallel.h"
#include "continuo/neural/timing.h"

namespace continuo::train {
namespace {

using Update = Optimiser::Update;
using Slot = Optimiser::Slot;

double sum_of_squares(std::span<const float> values) {
  std::vector<double> sums(kernels::sum_of_squares_chunks(values.size()));
  neural::in_parts(kernels::parts_of_sum_of_squares(values.size()),
                   [&](auto part) { kernels::sum_of_squares(values, sums.data(), part); });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

kernels::AdamwFactors adamw_factors(const Update& update, double norm) {
  const bool clip = update.gradient_clip > 0 && norm > update.gradient_clip;
  kernels::AdamwFactors factors;
  factors.gradient = clip ? float(update.gradient_clip / norm) : 1.0F;
  factors.step_size = float(update.learning_rate / (1 - std::pow(double(factors.beta1), double(update.step))));
  factors.second_correction = float(1 / (1 - std::pow(double(factors.beta2), double(update.step))));
  return factors;
}

void move_by_adamw(Slot& slot, std::span<const float> gradient, const Update& update, kernels::AdamwFactors factors) {
  factors.step_size *= float(slot.rate);
  factors.decay = slot.decays ? float(1 - slot.rate * update.learning_rate * update.weight_decay) : 1.0F;
  const kernels::AdamwState state{slot.value, slot.first_moment.data(), slot.second_moment.data(), gradient.data()};
  neural::in_parts(kernels::parts_of_numbers(slot.value.size()),
                   [&](auto part) { kernels::adamw(state, factors, part); });
}

void add_matrices(Slot& slot, std::span<const float> gradient, std::vector<kernels::MuonState>& all) {
  const std::int64_t rows = std::accumulate(slot.matrices.begin(), slot.matrices.end(), std::int64_t{0});
  const std::size_t columns = slot.value.size() / static_cast<std::size_t>(rows);
  std::size_t begin = 0;
  for (const std::int64_t each : slot.matrices) {
    const auto own_rows = static_cast<std::size_t>(each);
    all.push_back(
        {own_rows, columns, slot.value.data() + begin, slot.first_moment.data() + begin, gradient.data() + begin});
    begin += own_rows * columns;
  }
}

template <typename Number>
void move_matrix(const kernels::MuonState& matrix, const Update& update) {
  thread_local kernels::AlignedFloats memory;
  const std::size_t floats = (kernels::muon_memory<Number>(matrix.rows, matrix.columns) + 3) / sizeof(float);
  if (memory.size() < floats) memory = kernels::AlignedFloats(floats);
  const double shape = std::sqrt(std::max(1.0, double(matrix.rows) / double(matrix.columns)));
  const kernels::MuonFactors factors{.decay = float(1 - update.muon_learning_rate * update.weight_decay),
                                     .step_size = float(update.muon_learning_rate * shape)};
  kernels::muon<Number>(matrix, factors, reinterpret_cast<std::byte*>(memory.data()));
}

// The largest first, so that no thread begins with one when the others are done.
void move_by_muon(std::vector<kernels::MuonState> matrices, const Update& update, bool bf16, RankGroup* ranks) {
  const auto cost = [](const kernels::MuonState& m) { return m.rows * m.columns * std::min(m.rows, m.columns); };
  std::stable_sort(matrices.begin(), matrices.end(), [&](const auto& a, const auto& b) { return cost(a) > cost(b); });
  const auto is_own = [&](std::size_t index) {
    return ranks == nullptr || int(index % std::size_t(ranks->size())) == ranks->rank();
  };
  neural::kernel_threads().share(matrices.size(), [&](std::size_t index, int) {
    if (!is_own(index)) return kernels::muon_momentum(matrices[index], {});
    if (bf16) return move_matrix<kernels::Bf16>(matrices[index], update);
    move_matrix<float>(matrices[index], update);
  });
  if (ranks == nullptr) return;
  // Zeros in the place of what others move: the sums are their values, to the bit.
  std::vector<float> values;
  for (std::size_t i = 0; i < matrices.size(); ++i) {
    const std::span<const float> own(matrices[i].values, matrices[i].rows * matrices[i].columns);
    is_own(i) ? values.insert(values.end(), own.begin(), own.end()) : values.insert(values.end(), own.size(), 0.0F);
  }
  ranks->begin_sum(values);
  ranks->finish_sums();
  std::size_t at = 0;
  for (const kernels::MuonState& matrix : matrices) {
    std::copy_n(values.data() + at, matrix.rows * matrix.columns, matrix.values);
    at += matrix.rows * matrix.columns;
  }
}

}  // namespace

void Optimiser::add(std::span<float> value, bool decays, std::vector<std::int64_t> matrices) {
  const std::size_t second = matrices.empty() ? value.size() : 0;
  slots_.push_back({.value = value,
                    .decays = decays,
                    .matrices = std::move(matrices),
                    .first_moment = std::vector<float>(value.size()),
                    .second_moment = std::vector<float>(second)});
}

double Optimiser::step(std::span<const std::span<const float>> gradients, const Update& update) {
  const neural::Timing timing("optimiser");
  double squares = 0;
  for (const auto gradient : gradients) squares += sum_of_squares(gradient);
  const double norm = std::sqrt(squares);
  if (!std::isfinite(norm)) return norm;

  const kernels::AdamwFactors factors = adamw_factors(update, norm);
  std::vector<kernels::MuonState> matrices;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (gradients[i].empty()) continue;
    if (slots_[i].matrices.empty()) {
      move_by_adamw(slots_[i], gradients[i], update, factors);
    } else {
      add_matrices(slots_[i], gradients[i], matrices);
    }
  }
  move_by_muon(std::move(matrices), update, bf16_, ranks_ != nullptr && ranks_->is_on_one_host() ? ranks_ : nullptr);
  return norm;
}

}  // namespace continuo::train
