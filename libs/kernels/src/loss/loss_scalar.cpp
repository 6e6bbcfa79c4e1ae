#include <algorithm>
#include <cmath>

#include "continuo/kernels/number_types.h"

#include "loss/loss_table.h"

// What cross-entropy means, in plain C++: the reference for the other instruction sets.
namespace continuo::kernels {
namespace {

// How far the logits are below the largest one, on average.
template <typename Number>
float mean_below(const CrossEntropy<Number>& c, const float* logits, float largest) {
  double sum = 0;
  for (std::size_t i = 0; i < c.vocab; ++i) sum += double{largest} - double{logits[i]};
  return static_cast<float>(sum / static_cast<double>(c.vocab));
}

template <typename Number>
void cross_entropy_rows(const CrossEntropy<Number>& c, std::size_t begin, std::size_t end) {
  const float even = c.smoothing / static_cast<float>(c.vocab), at_target = 1.0F - c.smoothing + even;
  for (std::size_t row = begin; row < end; ++row) {
    const float* logits = c.logits.row(row);
    const float largest = *std::max_element(logits, logits + c.vocab);
    float total = 0;
    for (std::size_t i = 0; i < c.vocab; ++i) total += std::exp(logits[i] - largest);
    const auto target = static_cast<std::size_t>(c.targets[row]);
    c.losses[row] = std::log(total) + largest - logits[target];
    if (c.smoothing > 0) {
      const float mean = std::log(total) + mean_below(c, logits, largest);
      c.losses[row] = (1 - c.smoothing) * c.losses[row] + c.smoothing * mean;
    }
    for (std::size_t i = 0; c.gradient && i < c.vocab; ++i) {
      const float share = std::exp(logits[i] - largest) / total;
      c.gradient.row(row)[i] = number_from<Number>(share - (i == target ? at_target : even));
    }
  }
}

}  // namespace

template <typename Number>
const LossTable<Number>& scalar_loss_table() {
  static constexpr LossTable<Number> kTable = {cross_entropy_rows<Number>};
  return kTable;
}
template const LossTable<float>& scalar_loss_table();
template const LossTable<Bf16>& scalar_loss_table();

}  // namespace continuo::kernels
