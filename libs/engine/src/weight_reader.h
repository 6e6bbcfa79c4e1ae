#pragma once

#include <string>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/checkpoint/checkpoint.h"

namespace continuo::engine {

// Takes tensors out of a checkpoint as floats. After the first failure the rest come out empty, so that a model
// is read without a test at each tensor; status() tells at the end.
class WeightReader {
 public:
  explicit WeightReader(const checkpoint::Checkpoint& checkpoint) : checkpoint_(checkpoint) {}

  // Errors, by status(): not_found; unsupported (not F32 or BF16); malformed (infinite or not a number).
  std::vector<float> take(const std::string& name);
  // The output layer's matrix: its own, or the embedding when they are tied.
  std::vector<float> take_output();
  const Status& status() const { return status_; }

 private:
  const checkpoint::Checkpoint& checkpoint_;
  Status status_;
};

}  // namespace continuo::engine
