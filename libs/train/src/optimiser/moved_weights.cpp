#include "optimiser/moved_weights.h"

#include <string>

#include "continuo/base/rng.h"
#include "continuo/checkpoint/tensor_names.h"

#include "optimiser/kernel_weights.h"
#include "optimiser/tensor_weights.h"

namespace continuo::train {
namespace {

constexpr double kRateOfWords = 0.1;                  // beside low-rank changes, which bear larger steps
constexpr std::uint64_t kLowRankStream = 0x6c6f7261;  // keeps low-rank changes apart from other draws of the same seed

bool decays(const checkpoint::TensorSpec& spec) {
  return spec.shape.size() == 2 && !spec.name.ends_with("embedding.weight");
}

// Rows of words: the embedding of tokens, and the output.
bool is_of_words(const std::string& name) { return name == "token_embedding.weight" || name.starts_with("output."); }

}  // namespace

std::vector<MovementRule> movement_rules(const neural::Network& network, const MovedWeights::Options& options) {
  std::vector<MovementRule> rules;
  for (const checkpoint::TensorSpec& spec : checkpoint::tensor_specs(network.config())) {
    MovementRule rule{.decays = decays(spec), .seed = mix_seed(mix_seed(options.seed, kLowRankStream), rules.size())};
    if (options.lora_rank == 0) {
      rule.is_moved = true;
      if (options.muon) rule.matrices = spec.matrices;
    } else if (!spec.matrices.empty()) {
      rule.is_changed_by_low_rank = true;
    } else if (options.lora_words && is_of_words(spec.name)) {
      rule.is_moved = true;
      rule.rate = kRateOfWords;
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

std::unique_ptr<MovedWeights> MovedWeights::make(const neural::Network& network, const Options& options,
                                                 bool by_kernels) {
  if (by_kernels) return std::make_unique<KernelWeights>(network, options);
  return std::make_unique<TensorWeights>(network, options);
}

}  // namespace continuo::train
