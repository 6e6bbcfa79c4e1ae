#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ranks/rank_group.h"

namespace continuo::train {

// Moves parameters by their gradients: matrices of layers by Muon, if wanted, all others by AdamW. The result does not
// depend on the number of threads.
// Source: AdamW: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, algorithm 2; Muon: Jordan
// et al., "Muon: An optimizer for hidden layers in neural networks", 2024.
class Optimiser {
 public:
  struct Slot {
    std::span<float> value;
    bool decays = false;
    double rate = 1;  // of Update::learning_rate; AdamW alone
    // Muon: the matrices that lie one below another in the value, by their numbers of rows. Empty: AdamW.
    std::vector<std::int64_t> matrices;
    std::vector<float> first_moment;
    std::vector<float> second_moment;  // AdamW alone
  };
  struct Update {
    double learning_rate = 0;
    double muon_learning_rate =
        0;  // a matrix moves by so much, times sqrt(rows / columns) where it is higher than wide
    double weight_decay = 0;
    double gradient_clip = 0;  // 0: none. Muon takes gradients of any size alike
    std::int64_t step = 1;     // counted from 1, for the correction of the moments' start at zero
  };

  // `bf16`: what Muon's products are computed in, instead of fp32. `ranks`: processes that do the same steps, among
  // which Muon's matrices are shared where sending them costs less than moving them, so on one host; null: there are
  // none.
  explicit Optimiser(bool bf16 = false, RankGroup* ranks = nullptr) : bf16_(bf16), ranks_(ranks) {}

  // The memory of `value` must outlive this. Requires: the rows of `matrices` divide the value's size.
  void add(std::span<float> value, bool decays, std::vector<std::int64_t> matrices = {});
  std::vector<Slot>& slots() { return slots_; }

  // Returns the global norm of the gradients before clipping; when it is not finite nothing is changed.
  // Requires: one gradient per slot, of its size, in order; an empty one leaves its parameter alone.
  double step(std::span<const std::span<const float>> gradients, const Update& update);

 private:
  bool bf16_;
  RankGroup* ranks_;
  std::vector<Slot> slots_;
};

}  // namespace continuo::train
