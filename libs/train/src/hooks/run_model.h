#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/checkpoint/checkpoint.h"

#include "state/figures.h"
#include "state/resume_state.h"

namespace continuo::train {

// The model of a run as its hooks see it: it can be measured, written and read back. An interface, so that hooks are
// tested without a network.
class RunModel {
 public:
  virtual ~RunModel() = default;

  // The NLL of the first `most_tokens` of the validation split, or somewhat more (0: of all). Empty when a stop was
  // requested.
  virtual std::optional<ValidationNll> evaluate(std::uint64_t most_tokens) = 0;

  // Where the present weights come from; without a validation.
  virtual checkpoint::Provenance provenance() const = 0;
  // Writes the present weights as a model that composes.
  virtual Status write(const std::filesystem::path& path, const checkpoint::Provenance& provenance) = 0;
  // Replaces the weights by those of a file of write(), and returns where they come from.
  virtual Result<checkpoint::Provenance> read(const std::filesystem::path& path) = 0;

  // Values, moments and averages, in place.
  virtual std::vector<ParameterState> parameters() = 0;
};

inline void set_validation(checkpoint::Provenance& provenance, const ValidationNll& nll) {
  provenance.validation_nll = nll.all.mean();
  provenance.validation_nll_quarters = nll.quarter_means();
  provenance.validation_tokens = static_cast<std::int64_t>(nll.all.tokens);
}

// write() with the NLL of the present weights; empty: not measured.
inline Status write_with_nll(RunModel& model, const std::filesystem::path& path,
                             const std::optional<ValidationNll>& nll) {
  checkpoint::Provenance provenance = model.provenance();
  if (nll) set_validation(provenance, *nll);
  return model.write(path, provenance);
}

}  // namespace continuo::train
