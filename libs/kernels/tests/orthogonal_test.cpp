#include "continuo/kernels/orthogonal.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "continuo/kernels/aligned_floats.h"

#include "kernel_test.h"

namespace continuo::kernels {
namespace {

class OrthogonalOnEveryIsa : public EveryIsa {};

using Shape = std::pair<std::size_t, std::size_t>;
const std::vector<Shape> kShapes = {{1, 1},   {1, 7},   {9, 1},    {3, 5},    {16, 16},  {33, 20},
                                    {20, 33}, {64, 96}, {130, 40}, {70, 300}, {400, 100}};

// Row-major, in double precision.
struct Doubles {
  std::size_t rows, columns;
  std::vector<double> values;

  double& at(std::size_t row, std::size_t column) { return values[row * columns + column]; }
  double at(std::size_t row, std::size_t column) const { return values[row * columns + column]; }
};

Doubles zeros(std::size_t rows, std::size_t columns) { return {rows, columns, std::vector<double>(rows * columns)}; }

// `count` rows of unit length, each at right angles to the others (Gram-Schmidt).
Doubles orthonormal_rows(Rng& rng, std::size_t count, std::size_t width) {
  Doubles rows = zeros(count, width);
  for (std::size_t row = 0; row < count; ++row) {
    for (std::size_t i = 0; i < width; ++i) rows.at(row, i) = rng.uniform() - 0.5;
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t other = 0; other < row; ++other) {
        double dot = 0;
        for (std::size_t i = 0; i < width; ++i) dot += rows.at(row, i) * rows.at(other, i);
        for (std::size_t i = 0; i < width; ++i) rows.at(row, i) -= dot * rows.at(other, i);
      }
    }
    double squares = 0;
    for (std::size_t i = 0; i < width; ++i) squares += rows.at(row, i) * rows.at(row, i);
    for (std::size_t i = 0; i < width; ++i) rows.at(row, i) /= std::sqrt(squares);
  }
  return rows;
}

// U S V^T: the rows of `left` and `right` are the singular vectors.
Doubles with_singular_values(const Doubles& left, const std::vector<double>& values, const Doubles& right) {
  Doubles matrix = zeros(left.columns, right.columns);
  for (std::size_t k = 0; k < values.size(); ++k) {
    for (std::size_t row = 0; row < matrix.rows; ++row) {
      for (std::size_t column = 0; column < matrix.columns; ++column)
        matrix.at(row, column) += left.at(k, row) * values[k] * right.at(k, column);
    }
  }
  return matrix;
}

// What the polynomials make of a singular value.
double iterated(double value) {
  constexpr double kSteps[][3] = {
      {8.3432, -24.4031, 17.9089}, {4.0278, -2.9705, 0.5561}, {3.5071, -2.6040, 0.5154}, {2.5099, -1.8399, 0.4323}};
  for (const auto& [a, b, c] : kSteps) value = a * value + b * std::pow(value, 3) + c * std::pow(value, 5);
  return value;
}

template <typename Number>
std::vector<float> orthogonalised(std::size_t rows, std::size_t columns, std::vector<float> matrix) {
  AlignedFloats memory((orthogonal_memory<Number>(rows, columns) + sizeof(float) - 1) / sizeof(float));
  orthogonalise<Number>(rows, columns, matrix.data(), reinterpret_cast<std::byte*>(memory.data()));
  return matrix;
}

std::vector<float> as_floats(const Doubles& matrix) { return {matrix.values.begin(), matrix.values.end()}; }

// Of one left and one right singular vector: u^T M v.
double between(const std::vector<float>& matrix, const Doubles& left, std::size_t u, const Doubles& right,
               std::size_t v) {
  double sum = 0;
  for (std::size_t row = 0; row < left.columns; ++row)
    for (std::size_t column = 0; column < right.columns; ++column)
      sum += left.at(u, row) * double(matrix[row * right.columns + column]) * right.at(v, column);
  return sum;
}

// In fp32 what the polynomials say, to the digit. The slopes at the ends of their ranges make much of bf16's rounding,
// but take values nowhere else than where all values go: near 1, and vectors stay apart.
template <typename Number>
void check_result(const std::vector<float>& result, const Doubles& left, const std::vector<double>& expected,
                  const Doubles& right) {
  const Doubles wanted = with_singular_values(left, expected, right);
  for (std::size_t i = 0; i < result.size() && std::is_same_v<Number, float>; ++i)
    ASSERT_NEAR(result[i], wanted.values[i], 2e-4) << left.columns << " x " << right.columns << " at " << i;
  for (std::size_t u = 0; u < expected.size(); u += 7) {
    for (std::size_t v = 0; v < expected.size(); v += 7)
      ASSERT_NEAR(between(result, left, u, right, v), u == v ? 1 : 0, u == v ? 0.3 : 0.1) << u << ' ' << v;
  }
}

template <typename Number>
void check_singular_values(std::size_t rows, std::size_t columns) {
  Rng rng(rows * 1000 + columns);
  const std::size_t rank = std::min(rows, columns);
  const Doubles left = orthonormal_rows(rng, rank, rows), right = orthonormal_rows(rng, rank, columns);
  std::vector<double> values(rank), expected(rank);
  double squares = 0;
  for (double& value : values) value = 0.05 + rng.uniform();
  for (const double value : values) squares += value * value;
  for (std::size_t k = 0; k < rank; ++k) expected[k] = iterated(values[k] / std::sqrt(squares));

  const auto result = orthogonalised<Number>(rows, columns, as_floats(with_singular_values(left, values, right)));
  check_result<Number>(result, left, expected, right);
}

TEST_P(OrthogonalOnEveryIsa, SingularValues_GoThroughTheIteration_AndVectorsStay) {
  for (const auto& [rows, columns] : kShapes) {
    check_singular_values<float>(rows, columns);
    check_singular_values<Bf16>(rows, columns);
  }
}

TEST_P(OrthogonalOnEveryIsa, LengthsEndNearOne_FromTheStatedRange) {
  for (const double value : {0.003, 0.01, 0.1, 0.5, 1.0}) {
    // A row of length `value` beside one that makes the whole matrix 1.
    const auto rest = static_cast<float>(std::sqrt(1 - value * value));
    for (const std::size_t columns : {3, 7}) {  // the wider one by another way
      std::vector<float> matrix(2 * columns);
      matrix[0] = static_cast<float>(value);
      matrix[columns + 1] = rest;
      const auto result = orthogonalised<float>(2, columns, matrix);
      EXPECT_GE(result[0], 0.79) << value;
      EXPECT_LE(result[0], 1.21) << value;
    }
  }
}

TEST_P(OrthogonalOnEveryIsa, Scale_DoesNotMatter) {
  Rng rng(5);
  const auto matrix = random_floats(rng, 24 * 40);
  const auto expected = orthogonalised<float>(24, 40, matrix);
  for (const float factor : {1e-12F, 1e-3F, 1024.0F, 1e12F}) {
    auto scaled = matrix;
    for (float& value : scaled) value *= factor;
    const auto result = orthogonalised<float>(24, 40, scaled);
    for (std::size_t i = 0; i < result.size(); ++i) ASSERT_NEAR(result[i], expected[i], 1e-4) << factor << " at " << i;
  }
}

TEST_P(OrthogonalOnEveryIsa, ATransposedMatrix_GivesTheTransposedResult) {
  constexpr std::size_t kRows = 48, kColumns = 20;
  Rng rng(6);
  const auto matrix = random_floats(rng, kRows * kColumns);
  std::vector<float> transposed(matrix.size());
  for (std::size_t i = 0; i < matrix.size(); ++i) transposed[i % kColumns * kRows + i / kColumns] = matrix[i];
  const auto upright = orthogonalised<Bf16>(kRows, kColumns, matrix);
  const auto flat = orthogonalised<Bf16>(kColumns, kRows, transposed);
  for (std::size_t i = 0; i < matrix.size(); ++i) ASSERT_EQ(upright[i], flat[i % kColumns * kRows + i / kColumns]) << i;
}

TEST_P(OrthogonalOnEveryIsa, MuonMovesByTheOrthogonalisedMomentum) {
  constexpr std::size_t kRows = 12, kColumns = 20, kCount = kRows * kColumns;
  Rng rng(7);
  auto values = random_floats(rng, kCount), momentum = random_floats(rng, kCount);
  const auto before = values, gradient = random_floats(rng, kCount);
  std::vector<float> expected_momentum(kCount), update(kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    expected_momentum[i] = 0.9F * momentum[i] + 0.1F * gradient[i];
    update[i] = 0.9F * expected_momentum[i] + 0.1F * gradient[i];
  }
  update = orthogonalised<float>(kRows, kColumns, update);

  AlignedFloats memory((muon_memory<float>(kRows, kColumns) + sizeof(float) - 1) / sizeof(float));
  muon<float>({kRows, kColumns, values.data(), momentum.data(), gradient.data()},
              {.momentum = 0.9F, .decay = 0.75F, .step_size = 0.5F}, reinterpret_cast<std::byte*>(memory.data()));
  for (std::size_t i = 0; i < kCount; ++i) {
    ASSERT_NEAR(momentum[i], expected_momentum[i], 1e-6) << i;
    ASSERT_NEAR(values[i], 0.75F * before[i] - 0.5F * update[i], 1e-4) << i;
  }
}

TEST_P(OrthogonalOnEveryIsa, Zeros_Stay) {
  for (const float value : orthogonalised<float>(12, 7, std::vector<float>(12 * 7))) EXPECT_EQ(value, 0);
}

INSTANTIATE_TEST_SUITE_P(, OrthogonalOnEveryIsa, ::testing::ValuesIn(available_isas()), isa_test_name);

}  // namespace
}  // namespace continuo::kernels
