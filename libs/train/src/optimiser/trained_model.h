#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "continuo/base/progress.h"
#include "continuo/neural/network.h"

#include "data/batch_source.h"
#include "optimiser/gradient_sum.h"
#include "optimiser/host_copies.h"
#include "optimiser/moved_weights.h"
#include "optimiser/optimiser.h"
#include "ranks/rank_group.h"
#include "state/figures.h"
#include "state/resume_state.h"

namespace continuo::train {

// A network with its optimiser, on one device. Batches come from host memory and figures go there, so that nothing
// outside needs to know where it is.
class TrainedModel {
 public:
  // How networks are computed, and moved.
  struct Arithmetic {
    bool fused = true;  // on the training kernels, where the device is the CPU
    bool bf16 = false;
    bool muon = false;           // moves the matrices of layers
    int lora_rank = 0;           // of the changes of layers' matrices, which alone are trained; 0: all weights are
    bool lora_words = false;     // with lora_rank: the embedding and the output of words are trained, too
    double label_smoothing = 0;  // of training alone; see neural::Pass
    double ema = 0;              // decay of the average of weights in each step; 0: none
    int batch_size = 0;          // rows of each step; for networks with a memory
    int micro_batch = 0;         // rows of a step that are computed at once; 0: all, as in networks with a memory
    // Processes that share the rows of each batch, and the batches of evaluations; null: this one computes all. They
    // have the same weights at any time. Must outlive the model.
    RankGroup* ranks = nullptr;
    torch::Device device = torch::kCPU;  // of the network
  };
  TrainedModel(const checkpoint::ModelConfig& config, std::uint64_t seed, const Arithmetic& arithmetic);

  // One update from one batch, whose rows are computed micro_batch() at a time: the gradients of the parts add up to
  // the batch's. Where memory does not suffice, these become half as many, for all steps to come. The loss of the
  // result is what is minimised: with label smoothing that of the smoothed targets. `update.step` counts from 1.
  // Requires: batch.count > 0.
  StepResult step(const Batch& batch, std::uint64_t dropout_seed, const Optimiser::Update& update);

  // Rows that are computed at once; 0: all.
  int micro_batch() const { return arithmetic_.micro_batch; }
  torch::Device device() const { return arithmetic_.device; }

  // Over the first batches of a source in order, until `most_tokens` are predicted (0: all). Empty when a stop is
  // requested. Of several processes each measures every so many-th batch.
  std::optional<ValidationNll> evaluate(const BatchSource& source, std::uint64_t most_tokens,
                                        const Progress& progress) const;

  // Errors: those of neural::Network::import_weights(). Requires: before the first step.
  Status import_weights(const std::map<std::string, checkpoint::TensorView>& tensors);
  // Continues from what state() was. Errors: those of ResumeState::copy_to.
  Status restore(const ResumeState& saved);
  neural::Network& network() { return *network_; }
  const neural::Network& network() const { return *network_; }
  MovedWeights& weights() { return *weights_; }
  // Values, moments and averages as MovedWeights::state(), and after them what each layer remembers, which is a value
  // alone. On the CPU in place, else copies that last until the next call.
  std::vector<ParameterState> state();
  // Has a change of the last state() take effect.
  void accept_state();

 private:
  neural::Pass pass_over(const Batch& batch, neural::Memory& memory) const;  // without dropout
  // Shape: [batch x time, d_model].
  torch::Tensor hidden_rows(const Batch& batch, const neural::Pass& pass) const;
  // Of a batch, those that this process computes: first, and one beyond the last.
  std::pair<std::int64_t, std::int64_t> own_rows(const Batch& batch) const;
  std::int64_t rows_at_once(const Batch& batch) const;
  // Adds the gradient of the batch's mean loss to those of the parameters, and returns the loss. Once that is not
  // finite, the rest is left out.
  double backward(const Batch& batch, std::uint64_t dropout_seed);
  // Makes backward() need less memory. False where it cannot.
  bool compute_less_at_once(const Batch& batch);
  void clear_gradients();
  // The share of some rows, the first of which has that number, in the mean loss over all targets of a batch.
  torch::Tensor loss_of(const Batch& part, std::int64_t first, std::int64_t targets, std::uint64_t dropout_seed);
  // `context`: tokens of a whole window.
  void add_losses(const Batch& batch, std::int64_t context, neural::Memory& memory, ValidationNll& nll) const;

  Arithmetic arithmetic_;
  std::unique_ptr<neural::Network> network_;
  std::unique_ptr<MovedWeights> weights_;
  HostCopies host_;                          // of the last state()
  std::optional<GradientSum> gradient_sum_;  // where there are other processes
  neural::Memory memory_;                    // of the training batches' rows
};

}  // namespace continuo::train
