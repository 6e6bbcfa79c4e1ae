#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace continuo::train {

// Adam with decoupled weight decay, all of a parameter in one pass over memory. The result does not depend on the
// number of threads. Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, algorithm 2.
class AdamW {
 public:
  struct Slot {
    std::span<float> value;
    bool decays = false;
    std::vector<float> first_moment, second_moment;
  };
  struct Update {
    double learning_rate = 0;
    double weight_decay = 0;
    double gradient_clip = 0;  // 0: none
    std::int64_t step = 1;     // counted from 1, for the correction of the moments' start at zero
  };

  // The memory of `value` must outlive this.
  void add(std::span<float> value, bool decays);
  std::vector<Slot>& slots() { return slots_; }

  // Returns the global norm of the gradients before clipping; when it is not finite nothing is changed.
  // Requires: one gradient per slot, of its size, in order; an empty one leaves its parameter alone.
  double step(std::span<const std::span<const float>> gradients, const Update& update);

 private:
  std::vector<Slot> slots_;
};

}  // namespace continuo::train
