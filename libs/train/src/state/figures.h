#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "continuo/base/nll.h"

// What steps and validations give as numbers. Includes no header of libtorch.
namespace continuo::train {

struct StepResult {
  double loss = 0;  // mean over the batch's targets, before the update
  double gradient_norm = 0;
  std::uint64_t tokens = 0;    // targets of the batch
  bool finite = true;          // otherwise nothing was changed
  bool out_of_memory = false;  // even for one row at a time; nothing was changed
  std::string needed_memory;   // what there was no room for, as libtorch tells it, "2.00 GiB"; else empty
};

// A finished step, as hooks see it.
struct StepRecord {
  StepResult result;
  double learning_rate = 0;
  double seconds = 0;  // with the wait for its batch
};

// The NLL of a validation, also by which quarter of its window a token is predicted from: a model that loses its way in
// long contexts has more in the last than in the second.
struct ValidationNll {
  Nll all;
  std::array<Nll, 4> quarters;

  // Empty where no token was predicted from one.
  std::array<std::optional<double>, 4> quarter_means() const {
    std::array<std::optional<double>, 4> means;
    for (std::size_t i = 0; i < means.size(); ++i) {
      if (quarters[i].tokens > 0) means[i] = quarters[i].mean();
    }
    return means;
  }

  void add(std::size_t quarter, double nats, std::uint64_t count, double weight_each) {
    for (Nll* nll : {&all, &quarters[quarter]}) nll->add(nats, count, weight_each);
  }
};

}  // namespace continuo::train
