#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/kernels/packed_matrix.h"

namespace continuo::engine {

// A tensor's numbers as floats: where the file has them if they are floats there, else converted. Moves, does not copy.
class Floats {
 public:
  Floats() = default;
  explicit Floats(std::span<const float> in_file) : numbers_(in_file) {}
  explicit Floats(std::vector<float> own) : own_(std::move(own)), numbers_(own_) {}
  Floats(Floats&&) = default;
  Floats& operator=(Floats&&) = default;

  std::span<const float> numbers() const { return numbers_; }
  const float* data() const { return numbers_.data(); }
  std::size_t size() const { return numbers_.size(); }

 private:
  std::vector<float> own_;
  std::span<const float> numbers_;
};

inline constexpr std::size_t kNoRow = std::numeric_limits<std::size_t>::max();

// Takes tensors out of a checkpoint. After the first failure the rest come out empty, so that a model is read without a
// test at each tensor; status() is the first failure.
class WeightReader {
 public:
  WeightReader(const checkpoint::Checkpoint& checkpoint, kernels::Precision precision)
      : checkpoint_(checkpoint), precision_(precision) {}

  // Valid while the checkpoint is open. Errors, by status(): not_found; unsupported (not F32, F16, BF16 or I8);
  // malformed (infinite or not a number).
  Floats view(const std::string& name);
  // A copy. Errors: those of view().
  std::vector<float> take(const std::string& name);
  // The bias of linear layer `name`; empty where the model has none. Errors: those of view().
  Floats bias(const std::string& name);
  // The output layer's matrix: its own, or the embedding when they are tied.
  std::string output_name() const;
  // A matrix in the reader's precision, its rows in the order that is given by their numbers in the file; kNoRow leaves
  // zeros. Numbers that the file has in this precision are taken as they are. Range: columns divides those of the file,
  // whose rows are then cut into as many; bias [order.size()], or empty. Errors: those of view(); malformed (a weight
  // does not fit the precision).
  kernels::PackedMatrix pack(const std::string& name, std::span<const std::size_t> order, std::size_t columns,
                             std::span<const float> bias);
  // All rows as they lie. Shape: as the file has it.
  kernels::PackedMatrix pack(const std::string& name, std::span<const float> bias);
  // Errors, by status(): malformed (a weight does not fit the reader's precision).
  void check_fits(const std::string& name, std::span<const float> weights);
  const Status& status() const { return status_; }

 private:
  using Order = std::span<const std::size_t>;

  const checkpoint::TensorView* find(const std::string& name);
  kernels::PackedMatrix pack_converted(const std::string& name, Order order, std::size_t columns,
                                       std::span<const float> bias);
  kernels::PackedMatrix pack_int8(const std::string& name, const checkpoint::TensorView& tensor, Order order,
                                  std::size_t columns, std::span<const float> bias);
  template <typename Number>
  kernels::PackedMatrix pack_stored(const std::string& name, const checkpoint::TensorView& tensor, Order order,
                                    std::size_t columns, std::span<const float> bias);
  void fail(ErrorCode code, const std::string& problem, const std::string& name);

  const checkpoint::Checkpoint& checkpoint_;
  kernels::Precision precision_;
  Status status_;
};

}  // namespace continuo::engine
