#pragma once

#include <string>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/kernels/packed_matrix.h"

namespace continuo::engine {

// Takes tensors out of a checkpoint. After the first failure the rest come out empty, so that a model is read without a
// test at each tensor; status() tells at the end.
class WeightReader {
 public:
  WeightReader(const checkpoint::Checkpoint& checkpoint, kernels::Precision precision)
      : checkpoint_(checkpoint), precision_(precision) {}

  // As floats. Errors, by status(): not_found; unsupported (not F32, F16, BF16 or I8); malformed (infinite or not a
  // number).
  std::vector<float> take(const std::string& name);
  // The output layer's matrix: its own, or the embedding when they are tied.
  std::vector<float> take_output();
  // Weights and bias in the reader's precision. Errors: those of check_fits.
  kernels::PackedMatrix pack(const std::string& name, std::size_t rows, std::size_t columns,
                             const std::vector<float>& weights, const std::vector<float>& bias);
  // Errors, by status(): malformed (a weight does not fit the reader's precision).
  void check_fits(const std::string& name, const std::vector<float>& weights);
  const Status& status() const { return status_; }

 private:
  const checkpoint::Checkpoint& checkpoint_;
  kernels::Precision precision_;
  Status status_;
};

}  // namespace continuo::engine
