#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

#include "continuo/kernels/packed_linear.h"

#include "layers/workers.h"
#include "weights/weight_reader.h"

namespace continuo::engine {

// A linear layer's weights, `name`.weight and `name`.bias if the model has biases. Errors: by the reader's status().
kernels::PackedMatrix read_projection(WeightReader& reader, const std::string& name);
// The output layer, from hidden states to logits. Errors: by the reader's status().
kernels::PackedMatrix read_output(WeightReader& reader);

// Panels that are worth a piece of their own: reading less from the cache costs no more than taking a piece.
inline Workers::Cut cut_of(const kernels::PackedMatrix& matrix) {
  constexpr std::size_t kBytes = 96 * 1024;
  return {std::max<std::size_t>(1, kBytes / kernels::panel_bytes(matrix.precision(), matrix.columns())),
          kernels::kPanelsSideBySide};
}

// Memory for the input of one product, converted once for all of its pieces.
class PreparedInput {
 public:
  // Room for `rows` rows of up to `depth` numbers.
  PreparedInput(kernels::Precision weights, std::size_t rows, std::size_t depth)
      : memory_((kernels::prepared_left_bytes(weights, rows, depth) + sizeof(float) - 1) / sizeof(float)) {}

  // What LinearCall::prepared is to be for this input. Valid until the next call.
  const std::byte* of(const kernels::PackedMatrix& matrix, kernels::Matrix<const float> input, std::size_t rows,
                      const Workers& workers) noexcept {
    const kernels::Precision weights = matrix.precision();
    const std::size_t depth = matrix.columns();
    if (kernels::prepared_left_bytes(weights, rows, depth) == 0) return nullptr;
    auto* memory = reinterpret_cast<std::byte*>(memory_.data());
    workers.share(rows, {kRowsOfAPiece}, [&](std::size_t begin, std::size_t end, int) {
      kernels::prepare_left(weights, depth, input, {begin, end}, memory);
    });
    return memory;
  }

 private:
  static constexpr std::size_t kRowsOfAPiece = 16;
  kernels::AlignedFloats memory_;
};

// linear() for all outputs, by all workers. `call.prepared` is set here.
void project(const kernels::PackedMatrix& matrix, kernels::LinearCall call, PreparedInput& prepared,
             const Workers& workers) noexcept;

}  // namespace continuo::engine
