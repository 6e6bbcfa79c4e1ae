#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace continuo::train {

// An exponential moving average of weights, beside them: after step number t, counted from 1, it moves towards the
// weights by 1 - min(decay, (1 + t) / (10 + t)), so that in a short run, too, it soon forgets the weights of the
// beginning. Without a decay it holds nothing and does nothing. The result does not depend on the number of threads.
// Source: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992; the warm-up is that of
// TensorFlow's ExponentialMovingAverage.
class WeightAverage {
 public:
  // `decay`: of a step; 0: no average. Range: [0, 1).
  explicit WeightAverage(double decay) : decay_(decay) {}

  // The average begins with the present weights. Requires: their memory outlives this.
  void add(std::span<float> weights);
  // Requires: step >= 1.
  void follow(std::int64_t step);
  // The average of the weights number `index` by order of add(), in place; empty without a decay.
  std::span<float> of(std::size_t index);

  // The averages are where the weights were, and the weights where the averages were.
  void exchange();
  // How far step number `step` moves an average with a decay towards the weights.
  static double share_of(double decay, std::int64_t step);

 private:
  struct Pair {
    std::span<float> weights;
    std::vector<float> average;
  };
  double decay_;
  std::vector<Pair> pairs_;
};

}  // namespace continuo::train
