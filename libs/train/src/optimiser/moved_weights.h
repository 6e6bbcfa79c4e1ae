#pragma once

#include <memory>
#include <vector>

#include "continuo/neural/network.h"

#include "optimiser/host_copies.h"
#include "optimiser/optimiser.h"
#include "ranks/rank_group.h"
#include "state/resume_state.h"

namespace continuo::train {

// The weights of a network with all that a step moves beside them: moments, low-rank changes, the average. One class is
// for the project's kernels, which work in host memory, one for libtorch's functions on any device. Both move weights
// alike but for rounding, and have the same state, so that a run continues on the other.
class MovedWeights {
 public:
  struct Options {
    bool muon = false;           // moves the matrices of layers
    bool bf16 = false;           // Muon's products
    int lora_rank = 0;           // of the changes of layers' matrices, which alone are moved; 0: all weights are
    bool lora_words = false;     // with lora_rank: the rows of words are moved, too
    double ema = 0;              // decay of the average of weights in each step; 0: none
    std::uint64_t seed = 0;      // of the low-rank changes' beginning
    RankGroup* ranks = nullptr;  // processes that do the same steps; see Optimiser
  };
  // Requires: the network outlives this; `by_kernels` only for one on the CPU.
  static std::unique_ptr<MovedWeights> make(const neural::Network& network, const Options& options, bool by_kernels);
  virtual ~MovedWeights() = default;

  // Moves the weights by the gradients of the network's parameters; one without leaves its parameter alone. Returns the
  // global norm before clipping; when it is not finite nothing is changed.
  virtual double step(const Optimiser::Update& update) = 0;
  // The present weights of the network, which were put there, become those that changes and the average begin with.
  virtual void begin_with_weights() = 0;
  // Values, moments and averages, of other devices as copies in `host`. Of a matrix with a low-rank change, NAME is the
  // frozen matrix with the average of the changed one, NAME.lora_down and NAME.lora_up are its change.
  virtual std::vector<ParameterState> state(HostCopies& host) = 0;
  // Puts the matrices with low-rank changes in their places in the network, after a change of the state.
  virtual void merge() = 0;

  // While it lives, the averages are where the weights are, and the weights where the averages are.
  class AverageInUse {
   public:
    explicit AverageInUse(MovedWeights& weights) : weights_(weights) { weights_.exchange_average(); }
    ~AverageInUse() { weights_.exchange_average(); }
    AverageInUse(const AverageInUse&) = delete;
    AverageInUse& operator=(const AverageInUse&) = delete;

   private:
    MovedWeights& weights_;
  };

 private:
  virtual void exchange_average() = 0;
};

// What a step does with one parameter.
struct MovementRule {
  bool is_changed_by_low_rank = false;
  bool is_moved = false;               // as one slot of the optimiser
  bool decays = false;                 // matrices of the layers and the output, but no embedding, norm or bias
  double rate = 1;                     // of the learning rate
  std::uint64_t seed = 0;              // of its low-rank change
  std::vector<std::int64_t> matrices;  // that Muon moves, by their numbers of rows; empty: AdamW
};
// Of all parameters. Shape: as checkpoint::tensor_specs(network.config()).
std::vector<MovementRule> movement_rules(const neural::Network& network, const MovedWeights::Options& options);

}  // namespace continuo::train
