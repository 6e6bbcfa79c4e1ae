#include "continuo/kernels/orthogonal.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <type_traits>
#include <utility>

#include "continuo/kernels/blocks.h"
#include "continuo/kernels/linear.h"
#include "continuo/kernels/number_types.h"
#include "continuo/kernels/optimiser.h"

namespace continuo::kernels {
namespace {

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

// Copies what is below the diagonal of a square matrix to above it.
template <typename Number>
void mirror(std::size_t size, Number* matrix) {
  constexpr std::size_t kBlock = 16;
  for (std::size_t first = 0; first < size; first += kBlock) {
    for (std::size_t row = first; row < size; ++row) {
      for (std::size_t column = first; column < std::min(row, first + kBlock); ++column)
        matrix[column * size + row] = matrix[row * size + column];
    }
  }
}

// Pieces of one stretch of memory, one after the other; without memory it counts what they need.
class Pieces {
 public:
  explicit Pieces(std::byte* memory) : memory_(memory) {}
  template <typename Type>
  Type* take(std::size_t count) {
    Type* piece = memory_ == nullptr ? nullptr : reinterpret_cast<Type*>(memory_ + used_);
    used_ += aligned(count * sizeof(Type));
    return piece;
  }
  std::size_t used() const { return used_; }

 private:
  std::byte* memory_;
  std::size_t used_ = 0;
};

// A matrix [rows, width] as the right side of a product.
template <typename Number>
PackedWeights<Number> packed(WeightSide side, std::size_t rows, std::size_t width, const float* values,
                             Number* memory) {
  pack_weights(side, rows, width, values, memory, {});
  if (side == WeightSide::kForward) return {memory, rows, width};
  return {memory, width, rows};
}

// out = left right^T + added.
template <typename Number, typename Output>
void product(std::size_t rows, Matrix<const Number> left, PackedWeights<Number> right, Matrix<const float> added,
             Matrix<Output> out) {
  LinearProduct<Number> call{.rows = rows, .input = left, .weights = right, .residual = added};
  if constexpr (std::is_same_v<Number, Output>) {
    call.output = out;
  } else {
    call.wide_output = out;
  }
  linear(call, {});
}

// The same where the product is known to be symmetric: a good half of it is computed, and mirrored. Requires: `added`
// is symmetric; out.stride is the number of rows.
template <typename Number, typename Output>
void symmetric_product(std::size_t rows, Matrix<const Number> left, PackedWeights<Number> right,
                       Matrix<const float> added, Matrix<Output> out) {
  for (std::size_t first = 0; first < rows; first += kBlockRows) {
    const std::size_t count = std::min(kBlockRows, rows - first);
    const std::size_t columns = std::min(rows, (first + count + kPanelRows - 1) / kPanelRows * kPanelRows);
    const Matrix<const float> sum =
        added.data == nullptr ? added : Matrix<const float>{added.data + first * added.stride, added.stride};
    product<Number, Output>(count, {left.data + first * left.stride, left.stride}, {right.data, columns, right.depth},
                            sum, {out.data + first * out.stride, out.stride});
  }
  mirror(rows, out.data);
}

// The iteration on a matrix X that is at most as high as wide, so that the products X X^T are small. Singular values
// are never computed: with A = X X^T = U S^2 U^T, the matrix a X + (b A + c A^2) X is U (a S + b S^3 + c S^5) V^T, the
// polynomial of all of them at once. X is kept in fp32; in bf16 only the operands of products are rounded, which moves
// singular values by less than the polynomial does.
template <typename Number>
class Iteration {
 public:
  Iteration(std::size_t rows, std::size_t columns, std::byte* memory)
      : rows_(rows), columns_(columns), pieces_(memory) {
    x_ = pieces_.take<float>(rows * columns);
    gram_ = pieces_.take<float>(rows * rows);
    operand_ = pieces_.take<Number>(rows * columns);
    polynomial_ = pieces_.take<Number>(rows * rows);
    packed_ = pieces_.take<Number>(std::max(packed_size<Number>(rows, columns), packed_size<Number>(columns, rows)));
  }
  std::size_t bytes() const { return pieces_.used(); }
  // [rows, columns]
  std::span<float> x() { return {x_, rows_ * columns_}; }

  void run() {
    for (const Quintic& quintic : kOrthogonalSteps) step(quintic);
  }

 private:
  void step(const Quintic& quintic) {
    symmetric_product(rows_, operand(x(), 1), packed(WeightSide::kForward, rows_, columns_, x_, packed_), {},
                      Matrix<float>{gram_, rows_});
    const Matrix<const Number> left = operand(gram(), quintic.c);
    const PackedWeights<Number> right = packed(WeightSide::kForward, rows_, rows_, gram_, packed_);
    scale(gram(), quintic.b, gram_);
    symmetric_product(rows_, left, right, {gram_, rows_}, Matrix<Number>{polynomial_, rows_});
    const PackedWeights<Number> columns = packed(WeightSide::kInputGradient, rows_, columns_, x_, packed_);
    scale(x(), quintic.a, x_);
    product<Number, float>(rows_, {polynomial_, rows_}, columns, {x_, columns_}, {x_, columns_});
  }

  std::span<const float> gram() const { return {gram_, rows_ * rows_}; }

  // Numbers of `rows_` rows times a factor, as the left side of a product.
  Matrix<const Number> operand(std::span<const float> values, float factor) {
    scale(values, factor, operand_);
    return {operand_, values.size() / rows_};
  }

  std::size_t rows_, columns_;
  Pieces pieces_;
  float *x_, *gram_;  // [rows, columns], [rows, rows]
  Number *operand_, *polynomial_, *packed_;
};

// The same iteration for a matrix that is much wider than high, by its small square A = X X^T alone: with
// P = a I + b A + c A^2 the next X is P X, and its square is P A P. All these are polynomials of the first A, so they
// are symmetric and commute, and X itself is met twice: for A, and where all P are multiplied with it at the end. What
// is small in A, the square of a singular value, has only the digits that fp32 leaves beside the largest, which is no
// loss before it has grown; bf16 would leave it none.
class SquareIteration {
 public:
  SquareIteration(std::size_t rows, std::size_t columns, std::byte* memory)
      : rows_(rows), columns_(columns), pieces_(memory) {
    x_ = pieces_.take<float>(rows * columns);
    for (float** square : {&a_, &p_, &q_, &t_}) *square = pieces_.take<float>(rows * rows);
    packed_ = pieces_.take<float>(std::max(packed_size<float>(rows, columns), packed_size<float>(columns, rows)));
    result_ = pieces_.take<float>(rows * columns);
  }
  std::size_t bytes() const { return pieces_.used(); }
  std::span<float> x() { return {x_, rows_ * columns_}; }

  void run() {
    symmetric_product<float, float>(rows_, {x_, columns_}, packed(WeightSide::kForward, rows_, columns_, x_, packed_),
                                    {}, {a_, rows_});
    for (std::size_t i = 0; i < kOrthogonalSteps.size(); ++i)
      step(kOrthogonalSteps[i], i == 0, i + 1 == kOrthogonalSteps.size());
    product<float, float>(rows_, {q_, rows_}, packed(WeightSide::kInputGradient, rows_, columns_, x_, packed_), {},
                          {result_, columns_});
    std::swap(x_, result_);
  }

 private:
  void step(const Quintic& quintic, bool is_first, bool is_last) {
    multiply(a_, a_, p_);
    for (std::size_t i = 0; i < rows_ * rows_; ++i) p_[i] = quintic.b * a_[i] + quintic.c * p_[i];
    for (std::size_t i = 0; i < rows_; ++i) p_[i * rows_ + i] += quintic.a;
    if (is_first) {
      std::copy_n(p_, rows_ * rows_, q_);
    } else {
      multiply(p_, q_, t_);
      std::swap(q_, t_);
    }
    if (is_last) return;
    multiply(p_, a_, t_);
    multiply(p_, t_, a_);
  }

  // Of two symmetric matrices that commute. Requires: `out` is another than `right`.
  void multiply(const float* left, const float* right, float* out) {
    symmetric_product<float, float>(rows_, {left, rows_}, packed(WeightSide::kForward, rows_, rows_, right, packed_),
                                    {}, {out, rows_});
  }

  std::size_t rows_, columns_;
  Pieces pieces_;
  float *x_, *a_, *p_, *q_, *t_, *packed_, *result_;  // [rows, columns]; [rows, rows]; what products need
};

// What the shape and the numbers make the cheaper way.
template <typename Number, typename Use>
auto with_iteration(std::size_t rows, std::size_t columns, std::byte* memory, const Use& use) {
  constexpr std::size_t kWide = 2;
  const std::size_t height = std::min(rows, columns), width = std::max(rows, columns);
  if constexpr (std::is_same_v<Number, float>) {
    if (width >= kWide * height) {
      SquareIteration iteration(height, width, memory);
      return use(iteration);
    }
  }
  Iteration<Number> iteration(height, width, memory);
  return use(iteration);
}

}  // namespace

template <typename Number>
std::size_t orthogonal_memory(std::size_t rows, std::size_t columns) {
  return with_iteration<Number>(rows, columns, nullptr, [](const auto& iteration) { return iteration.bytes(); });
}

template <typename Number>
void orthogonalise(std::size_t rows, std::size_t columns, float* matrix, std::byte* memory) {
  const std::span<float> values(matrix, rows * columns);
  const double norm = length_of(values);
  if (norm == 0) return;
  scale(values, static_cast<float>(1 / norm), matrix);

  with_iteration<Number>(rows, columns, memory, [&](auto& iteration) {
    const bool upright = rows > columns;
    if (upright) {
      transpose(rows, columns, matrix, iteration.x().data());
    } else {
      std::copy(values.begin(), values.end(), iteration.x().begin());
    }
    iteration.run();
    if (upright) {
      transpose(columns, rows, iteration.x().data(), matrix);
    } else {
      std::copy(iteration.x().begin(), iteration.x().end(), matrix);
    }
  });
}

template <typename Number>
std::size_t muon_memory(std::size_t rows, std::size_t columns) {
  return aligned(rows * columns * sizeof(float)) + orthogonal_memory<Number>(rows, columns);
}

void muon_momentum(const MuonState& state, const MuonFactors& factors) {
  const float keep = factors.momentum, take = 1 - factors.momentum;
  for (std::size_t i = 0; i < state.rows * state.columns; ++i)
    state.momentum[i] = keep * state.momentum[i] + take * state.gradient[i];
}

template <typename Number>
void muon(const MuonState& state, const MuonFactors& factors, std::byte* memory) {
  const std::size_t count = state.rows * state.columns;
  auto* update = reinterpret_cast<float*>(memory);
  muon_momentum(state, factors);
  const float keep = factors.momentum, take = 1 - factors.momentum;
  for (std::size_t i = 0; i < count; ++i) update[i] = keep * state.momentum[i] + take * state.gradient[i];
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
