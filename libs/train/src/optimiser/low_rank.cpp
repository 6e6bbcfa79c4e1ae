#include "optimiser/low_rank.h"

#include <algorithm>
#include <cmath>

#include "continuo/base/rng.h"
#include "continuo/kernels/aligned_floats.h"
#include "continuo/kernels/linear.h"

namespace continuo::train {
namespace {

using kernels::Matrix;
using kernels::WeightSide;

// A [rank, columns] as the right-hand side of products, for one thread.
kernels::PackedWeights<float> packed(WeightSide side, std::size_t rank, std::size_t columns, const float* down) {
  thread_local kernels::AlignedFloats memory;
  const bool forward = side == WeightSide::kForward;
  const std::size_t outputs = forward ? rank : columns, depth = forward ? columns : rank;
  const std::size_t size = kernels::packed_size<float>(outputs, depth);
  if (memory.size() < size) memory = kernels::AlignedFloats(size);
  kernels::pack_weights(side, rank, columns, down, memory.data(), {});
  return {memory.data(), outputs, depth};
}

}  // namespace

LowRankMatrices::LowRankMatrices(std::span<float> weights, const checkpoint::TensorSpec& spec, int rank,
                                 std::uint64_t seed)
    : weights_(weights),
      columns_(static_cast<std::size_t>(spec.shape.back())),
      rank_(static_cast<std::size_t>(rank)),
      base_(weights.begin(), weights.end()),
      down_(initial_down(spec, rank, seed)),
      up_(static_cast<std::size_t>(spec.shape.front()) * rank_),
      down_gradient_(down_.size()),
      up_gradient_(up_.size()) {
  std::size_t rows = 0;
  for (const std::int64_t each : spec.matrices) {
    places_.push_back({.rows = static_cast<std::size_t>(each),
                       .first_weight = rows * columns_,
                       .first_down = places_.size() * rank_ * columns_,
                       .first_up = rows * rank_});
    rows += static_cast<std::size_t>(each);
  }
}

std::vector<float> LowRankMatrices::initial_down(const checkpoint::TensorSpec& spec, int rank, std::uint64_t seed) {
  const auto columns = static_cast<std::size_t>(spec.shape.back());
  std::vector<float> down(spec.matrices.size() * static_cast<std::size_t>(rank) * columns);
  Rng rng(seed);
  const double bound = 1 / std::sqrt(static_cast<double>(columns));
  for (float& value : down) value = static_cast<float>((2 * rng.uniform() - 1) * bound);
  return down;
}

std::int64_t LowRankMatrices::largest_rank(const checkpoint::TensorSpec& spec) {
  return std::min(*std::ranges::min_element(spec.matrices), spec.shape.back());
}

void LowRankMatrices::begin_with_weights() { std::ranges::copy(weights_, base_.begin()); }

void LowRankMatrices::project(std::span<const float> weight_gradient) {
  for (const Place& place : places_) {
    const Matrix<const float> gradient{weight_gradient.data() + place.first_weight, columns_};
    const kernels::LinearProduct<float> up{
        .rows = place.rows,
        .input = gradient,
        .weights = packed(WeightSide::kForward, rank_, columns_, down_.data() + place.first_down),
        .output = {up_gradient_.data() + place.first_up, rank_}};
    kernels::linear(up, {});
    const kernels::WeightGradient<float> down{.rows = place.rows,
                                              .outputs = rank_,
                                              .inputs = columns_,
                                              .gradient = {up_.data() + place.first_up, rank_},
                                              .input = gradient,
                                              .weights = {down_gradient_.data() + place.first_down, columns_}};
    kernels::weight_gradient(down, {});
  }
}

void LowRankMatrices::merge() {
  for (const Place& place : places_) {
    const kernels::LinearProduct<float> change{
        .rows = place.rows,
        .input = {up_.data() + place.first_up, rank_},
        .weights = packed(WeightSide::kInputGradient, rank_, columns_, down_.data() + place.first_down),
        .residual = {base_.data() + place.first_weight, columns_},
        .output = {weights_.data() + place.first_weight, columns_}};
    kernels::linear(change, {});
  }
}

std::vector<std::int64_t> LowRankMatrices::down_shape() const {
  return {static_cast<std::int64_t>(places_.size() * rank_), static_cast<std::int64_t>(columns_)};
}

std::vector<std::int64_t> LowRankMatrices::up_shape() const {
  return {static_cast<std::int64_t>(up_.size() / rank_), static_cast<std::int64_t>(rank_)};
}

}  // namespace continuo::train
