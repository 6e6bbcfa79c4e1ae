#include "adamw.h"

#include <cmath>

#include <ATen/Parallel.h>

namespace continuo::train {
namespace {

constexpr float kBeta1 = 0.9F, kBeta2 = 0.98F;
constexpr float kEpsilon = 1e-8F;
constexpr std::int64_t kChunk = 1 << 15;  // sums of squares are formed by chunks, whoever computes them

// Numbers of one update that all elements share.
struct Factors {
  float gradient, decay, step_size, second_correction;
};

struct Stripe {
  float *value, *first, *second;
  const float* gradient;
  std::int64_t begin, end;
};

void update_stripe(const Stripe& s, const Factors& f) {
  float* __restrict value = s.value;
  float* __restrict first = s.first;
  float* __restrict second = s.second;
  const float* __restrict gradient = s.gradient;
  const Factors local = f;
  for (std::int64_t i = s.begin; i < s.end; ++i) {
    const float g = gradient[i] * local.gradient;
    const float m = kBeta1 * first[i] + (1 - kBeta1) * g;
    const float v = kBeta2 * second[i] + (1 - kBeta2) * (g * g);
    first[i] = m;
    second[i] = v;
    value[i] = value[i] * local.decay - local.step_size * m / (std::sqrt(v * local.second_correction) + kEpsilon);
  }
}

double sum_of_squares(std::span<const float> values) {
  const auto size = std::int64_t(values.size());
  const std::int64_t chunks = (size + kChunk - 1) / kChunk;
  std::vector<double> sums(std::size_t(chunks), 0.0);
  at::parallel_for(0, chunks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t chunk = begin; chunk < end; ++chunk) {
      double sum = 0;
      for (std::int64_t i = chunk * kChunk; i < std::min(size, (chunk + 1) * kChunk); ++i) {
        sum += double(values[std::size_t(i)]) * double(values[std::size_t(i)]);
      }
      sums[std::size_t(chunk)] = sum;
    }
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

}  // namespace

void AdamW::add(std::span<float> value, bool decays) {
  slots_.push_back({value, decays, std::vector<float>(value.size()), std::vector<float>(value.size())});
}

double AdamW::step(std::span<const std::span<const float>> gradients, const Update& update) {
  double squares = 0;
  for (const auto gradient : gradients) squares += sum_of_squares(gradient);
  const double norm = std::sqrt(squares);
  if (!std::isfinite(norm)) return norm;

  const bool clip = update.gradient_clip > 0 && norm > update.gradient_clip;
  Factors factors{};
  factors.gradient = clip ? float(update.gradient_clip / norm) : 1.0F;
  factors.step_size = float(update.learning_rate / (1 - std::pow(double(kBeta1), double(update.step))));
  factors.second_correction = float(1 / (1 - std::pow(double(kBeta2), double(update.step))));
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (gradients[i].empty()) continue;
    factors.decay = slot.decays ? float(1 - update.learning_rate * update.weight_decay) : 1.0F;
    at::parallel_for(0, std::int64_t(slot.value.size()), kChunk, [&](std::int64_t begin, std::int64_t end) {
      update_stripe(
          {slot.value.data(), slot.first_moment.data(), slot.second_moment.data(), gradients[i].data(), begin, end},
          factors);
    });
  }
  return norm;
}

}  // namespace continuo::train
