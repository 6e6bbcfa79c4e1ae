#include "continuo/kernels/orthogonal.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <type_traits>

#include "continuo/kernels/linear.h"
#include "continuo/kernels/number_types.h"
#include "continuo/kernels/optimiser.h"

namespace continuo::kernels {
namespace {

constexpr int kSteps = 5;
// x -> a x + b x^3 + c x^5 for each singular value x: steep at 0, so that small ones grow fast, and within [0.65, 1.25]
// once there.
constexpr float kA = 3.4445F, kB = -4.7750F, kC = 2.0315F;

std::size_t aligned(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

void scale(std::span<const float> from, float factor, float* to) {
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = from[i] * factor;
}

void scale(std::span<const float> from, float factor, Bf16* to) {
  for (std::size_t i = 0; i < from.size(); ++i) to[i] = to_bf16(from[i] * factor);
}

double length_of(std::span<const float> values) {
  double squares = 0;
  for (std::size_t first = 0; first < values.size(); first += kSumOfSquaresChunk) {
    double sum = 0;
    sum_of_squares(values.subspan(first, std::min(kSumOfSquaresChunk, values.size() - first)), &sum, {});
    squares += sum;
  }
  return std::sqrt(squares);
}

void transpose(std::size_t rows, std::size_t columns, const float* from, float* to) {
  constexpr std::size_t kBlock = 16;
  for (std::size_t first = 0; first < columns; first += kBlock) {
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t column = first; column < std::min(columns, first + kBlock); ++column)
        to[column * rows + row] = from[row * columns + column];
    }
  }
}

// The iteration on a matrix X that is at most as high as wide, so that the products X X^T are small. Singular values
// are never computed: with A = X X^T = U S^2 U^T, the matrix a X + (b A + c A^2) X is U (a S + b S^3 + c S^5) V^T, the
// polynomial of all of them at once. X is kept in fp32; in bf16 only the operands of products are rounded, which moves
// singular values by less than the polynomial does.
template <typename Number>
class Iteration {
 public:
  Iteration(std::size_t rows, std::size_t columns, std::byte* memory)
      : rows_(rows), columns_(columns), memory_(memory) {
    x_ = take<float>(rows * columns);
    gram_ = take<float>(rows * rows);
    operand_ = take<Number>(rows * columns);
    polynomial_ = take<Number>(rows * rows);
    packed_ = take<Number>(std::max(packed_size<Number>(rows, columns), packed_size<Number>(columns, rows)));
  }
  std::size_t bytes() const { return used_; }
  // [rows, columns]
  std::span<float> x() { return {x_, rows_ * columns_}; }

  void step() {
    product(operand(x(), 1), packed(WeightSide::kForward, columns_, x_), {}, Matrix<float>{gram_, rows_});
    const Matrix<const Number> left = operand(gram(), kC);
    const PackedWeights<Number> right = packed(WeightSide::kForward, rows_, gram_);
    scale(gram(), kB, gram_);
    product(left, right, {gram_, rows_}, Matrix<Number>{polynomial_, rows_});
    const PackedWeights<Number> columns = packed(WeightSide::kInputGradient, columns_, x_);
    scale(x(), kA, x_);
    product({polynomial_, rows_}, columns, {x_, columns_}, Matrix<float>{x_, columns_});
  }

 private:
  template <typename Type>
  Type* take(std::size_t count) {
    Type* piece = memory_ == nullptr ? nullptr : reinterpret_cast<Type*>(memory_ + used_);
    used_ += aligned(count * sizeof(Type));
    return piece;
  }

  std::span<const float> gram() const { return {gram_, rows_ * rows_}; }

  // Numbers of `rows_` rows times a factor, as the left side of a product.
  Matrix<const Number> operand(std::span<const float> values, float factor) {
    scale(values, factor, operand_);
    return {operand_, values.size() / rows_};
  }

  // A matrix [rows_, width] as the right side of a product.
  PackedWeights<Number> packed(WeightSide side, std::size_t width, const float* values) {
    pack_weights(side, rows_, width, values, packed_, {});
    if (side == WeightSide::kForward) return {packed_, rows_, width};
    return {packed_, width, rows_};
  }

  void product(Matrix<const Number> left, PackedWeights<Number> right, Matrix<const float> added, Matrix<float> out) {
    LinearProduct<Number> call{.rows = rows_, .input = left, .weights = right, .residual = added};
    if constexpr (std::is_same_v<Number, float>) {
      call.output = out;
    } else {
      call.wide_output = out;
    }
    linear(call, {});
  }
  void product(Matrix<const Number> left, PackedWeights<Number> right, Matrix<const float> added, Matrix<Bf16> out) {
    linear(LinearProduct<Number>{.rows = rows_, .input = left, .weights = right, .residual = added, .output = out}, {});
  }

  std::size_t rows_, columns_, used_ = 0;
  std::byte* memory_;
  float *x_, *gram_;  // [rows, columns], [rows, rows]
  Number *operand_, *polynomial_, *packed_;
};

}  // namespace

template <typename Number>
std::size_t orthogonal_memory(std::size_t rows, std::size_t columns) {
  return Iteration<Number>(std::min(rows, columns), std::max(rows, columns), nullptr).bytes();
}

template <typename Number>
void orthogonalise(std::size_t rows, std::size_t columns, float* matrix, std::byte* memory) {
  const std::span<float> values(matrix, rows * columns);
  const double norm = length_of(values);
  if (norm == 0) return;
  scale(values, static_cast<float>(1 / norm), matrix);

  const bool upright = rows > columns;
  Iteration<Number> iteration(std::min(rows, columns), std::max(rows, columns), memory);
  if (upright) {
    transpose(rows, columns, matrix, iteration.x().data());
  } else {
    std::copy(values.begin(), values.end(), iteration.x().begin());
  }
  for (int i = 0; i < kSteps; ++i) iteration.step();
  if (upright) {
    transpose(columns, rows, iteration.x().data(), matrix);
  } else {
    std::copy(iteration.x().begin(), iteration.x().end(), matrix);
  }
}

template <typename Number>
std::size_t muon_memory(std::size_t rows, std::size_t columns) {
  return aligned(rows * columns * sizeof(float)) + orthogonal_memory<Number>(rows, columns);
}

template <typename Number>
void muon(const MuonState& state, const MuonFactors& factors, std::byte* memory) {
  const std::size_t count = state.rows * state.columns;
  auto* update = reinterpret_cast<float*>(memory);
  const float keep = factors.momentum, take = 1 - factors.momentum;
  for (std::size_t i = 0; i < count; ++i) {
    const float gradient = take * state.gradient[i], momentum = keep * state.momentum[i] + gradient;
    state.momentum[i] = momentum;
    update[i] = keep * momentum + gradient;
  }
  orthogonalise<Number>(state.rows, state.columns, update, memory + aligned(count * sizeof(float)));
  for (std::size_t i = 0; i < count; ++i)
    state.values[i] = factors.decay * state.values[i] - factors.step_size * update[i];
}

template std::size_t orthogonal_memory<float>(std::size_t, std::size_t);
template std::size_t orthogonal_memory<Bf16>(std::size_t, std::size_t);
template void orthogonalise<float>(std::size_t, std::size_t, float*, std::byte*);
template void orthogonalise<Bf16>(std::size_t, std::size_t, float*, std::byte*);
template std::size_t muon_memory<float>(std::size_t, std::size_t);
template std::size_t muon_memory<Bf16>(std::size_t, std::size_t);
template void muon<float>(const MuonState&, const MuonFactors&, std::byte*);
template void muon<Bf16>(const MuonState&, const MuonFactors&, std::byte*);

}  // namespace continuo::kernels
