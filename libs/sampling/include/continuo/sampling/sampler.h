#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/base/rng.h"
#include "continuo/base/token_id.h"

namespace continuo::sampling {

// Tokens, such as those of a kind of word, that have a temperature of their own among one another. How probable they
// are together, and so which kind of word comes next, stays with SamplerOptions::temperature.
struct TokenGroups {
  std::vector<std::uint16_t> group;  // by token: an index into temperatures plus 1, 0 for none; empty: no groups
  std::vector<double> temperatures;  // Range: >= 0; 0 leaves the most probable token of the group alone
};

// How a token is drawn from logits. The filters apply in this order: legality, temperature, top_k, top_p, min_p,
// typical; each sees what the one before has left, with its probabilities scaled up to a sum of 1.
struct SamplerOptions {
  double temperature = 1.0;  // Range: >= 0; 0 takes the most probable token
  int top_k = 0;             // keep the k most probable; 0: all
  double top_p = 1.0;        // keep the smallest set of that mass (Holtzman et al. 2020); Range: (0, 1]
  double min_p = 0.0;        // keep tokens of at least min_p times the best one's probability; Range: [0, 1)
  // Keep the smallest set of that mass whose information, -ln p, is nearest to its mean, the entropy. Very probable
  // tokens may be left out, too. Range: (0, 1].
  // Source: Meister et al., "Locally Typical Sampling", 2022, arXiv 2202.00666.
  double typical = 1.0;
  TokenGroups groups = {};

  // Whether a draw is by chance at all: not every temperature is 0.
  bool is_by_chance() const;
  // Errors: invalid_argument, naming the option that is out of its range.
  Status check() const;
};

// Draws tokens. Keeps scratch memory between calls, so it is not thread-safe and does not allocate after the
// first call with a vocabulary of that size.
//
// Ties go to the lower id, so results do not depend on the platform's sort. Sums and the exponential are this
// library's own double arithmetic in the order of ids: equal logits and seed give equal tokens on every CPU.
//
// Broken logits: NaN counts as minus infinity; plus infinity as the largest float. A token of minus infinity is
// drawn only when no legal token has more: then every legal one is equally probable.
class Sampler {
 public:
  // Requires: options.check().
  explicit Sampler(SamplerOptions options) : options_(std::move(options)) {}

  const SamplerOptions& options() const { return options_; }

  // `legal[i]` 0 removes token i; an empty span allows all. Takes one number from `rng`, none where a temperature
  // of 0 makes the choice certain.
  // Shape: logits [vocab], legal [vocab] or empty. Requires: at least one legal token (-1 is returned otherwise).
  TokenId sample(std::span<const float> logits, std::span<const std::uint8_t> legal, Rng& rng);

  // Probability that the last sample() gave its choice, after all filters; at temperature 0, where every choice
  // is certain, what temperature 1 would have given it among the legal tokens. For confidence-ordered
  // unmasking.
  double last_probability() const { return last_probability_; }

 private:
  struct Candidate {
    TokenId token;
    float logit;
    double exponent;  // the logit above the best one's, over the temperature
    double weight;    // exp(exponent): the probability times an unknown sum; the best of all has 1
  };
  static bool comes_before(const Candidate& a, const Candidate& b);
  void collect(std::span<const float> logits, std::span<const std::uint8_t> legal);
  std::size_t group_of(TokenId token) const;
  double own_temperature(const Candidate& candidate) const;
  void scale(double temperature);
  void keep_group(std::size_t group);
  void temper(std::size_t group, double temperature);
  void temper_groups();
  void weigh();
  void keep_top_k();
  void keep_top_p();
  void keep_min_p();
  void keep_typical();
  template <typename Before>
  void keep_mass(double share, const Before& before);
  double total_weight() const;
  TokenId take_best();
  TokenId draw(Rng& rng);

  SamplerOptions options_;
  std::vector<Candidate> candidates_;  // in the order of ids
  std::vector<Candidate> ranked_;      // scratch: some of them, by rank
  float best_logit_ = 0;
  double last_probability_ = 0;
};

}  // namespace continuo::sampling
