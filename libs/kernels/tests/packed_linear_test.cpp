#include "continuo/kernels/packed_linear.h"

#include <limits>

#include "continuo/kernels/int8.h"

#include "kernel_test.h"
#include "matmul/bf16_dot.h"
#include "packed/byte_dot.h"

namespace continuo::kernels {
namespace {

class PackedLinearOnEveryIsa : public EveryIsa {};

constexpr Precision kPrecisions[] = {Precision::kFp32, Precision::kFp16, Precision::kBf16, Precision::kInt8};

// A layer with its input and output, the latter in rows with a margin that must stay as it was.
struct Problem {
  static constexpr float kMargin = 777;

  Problem(std::size_t row_count, std::size_t in_count, std::size_t out_count, std::uint64_t seed,
          Precision number_type = Precision::kFp32)
      : rows(row_count), in(in_count), out(out_count), stride(out + 3), precision(number_type) {
    Rng rng(seed);
    weights = random_floats(rng, out * in);
    bias = random_floats(rng, out);
    input = random_floats(rng, rows * in);
    residual = random_floats(rng, rows * out);
    matrix = PackedMatrix(out, in, weights, bias, precision);
    round_weights();
  }

  // To what the matrix holds.
  void round_weights() {
    if (precision == Precision::kBf16) {
      for (float& weight : weights) weight = to_float(to_bf16(weight));
    } else if (precision == Precision::kFp16) {
      for (float& weight : weights) weight = to_float(to_fp16(weight));
    } else if (precision == Precision::kInt8) {
      for (std::size_t row = 0; row < out; ++row) {
        const std::span<float> line = std::span(weights).subspan(row * in, in);
        const float scale = int8_scale(line);
        for (float& weight : line) weight = static_cast<float>(to_int8(weight, scale)) * scale;
      }
    }
  }

  // What an output may be away from the double sum.
  double tolerance() const {
    const double root = std::sqrt(static_cast<double>(in));
    // Six times the spread of sums of rounded numbers of up to 1.
    const double step = std::max(1 / 32767.0, static_cast<double>(in) / 2 / 1.69e7);
    if (precision == Precision::kInt8) return 1e-6 + step * root;
    const bool rounds_left = precision == Precision::kBf16 && bf16_dot(active_isa()) != nullptr;
    // A long sum of one number after the other loses more.
    return rounds_left ? 4e-3 * root : std::max(sum_tolerance(in), 1e-7 * static_cast<double>(in));
  }

  std::vector<float> run(Activation activation, bool with_residual, std::size_t split) const {
    std::vector<float> result(rows * stride, kMargin);
    LinearCall call = {rows, {input.data(), in}, {result.data(), stride}, {}, activation};
    if (with_residual) call.residual = {residual.data(), out};
    linear(matrix, call, {0, split});
    linear(matrix, call, {split, matrix.panels()});
    return result;
  }

  double sum(std::size_t row, std::size_t column) const {
    double total = bias[column];
    for (std::size_t k = 0; k < in; ++k) total += double{weights[column * in + k]} * input[row * in + k];
    return total;
  }

  void check(Activation activation, bool with_residual) const {
    const auto result = run(activation, with_residual, 0);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t column = 0; column < stride; ++column) {
        const float value = result[row * stride + column];
        if (column >= out) {
          ASSERT_EQ(value, kMargin) << "written beyond the row";
        } else {
          const double before = sum(row, column), added = with_residual ? residual[row * out + column] : 0.0F;
          ASSERT_NEAR(value, activate(activation, before) + added, tolerance() * steepness(activation, before))
              << to_string(precision) << " " << rows << "x" << in << "x" << out << " at " << row << ", " << column;
        }
      }
    }
  }

  std::size_t rows, in, out, stride;
  Precision precision;
  std::vector<float> weights, bias, input, residual;
  PackedMatrix matrix;
};

TEST_P(PackedLinearOnEveryIsa, OddShapes_EqualDoubleSums) {
  for (const std::size_t rows : {1, 2, 5, 6, 7, 11, 12, 13, 25}) {
    for (const std::size_t in : {1, 3, 15, 16, 17, 63, 130}) {
      for (const std::size_t out : {1, 15, 17, 31, 32, 33, 63, 96}) {
        for (const Precision precision : kPrecisions) {
          Problem(rows, in, out, rows * 10007 + in * 101 + out, precision).check(Activation::kNone, false);
        }
      }
    }
  }
}

TEST_P(PackedLinearOnEveryIsa, DeepAndTall_EqualDoubleSums) {
  for (const Precision precision : kPrecisions) {
    Problem(1, 9001, 70, 1, precision).check(Activation::kNone, false);
    Problem(7, 4097, 70, 2, precision).check(Activation::kNone, false);
    Problem(203, 515, 33, 3, precision).check(Activation::kNone, true);
  }
}

// Equal numbers of one sign, where whole-number sums come nearest to their limit.
TEST_P(PackedLinearOnEveryIsa, LargestInt8Sums_DoNotOverflow) {
  for (const std::size_t depth : {1, 2, 515, 516, 517, 1000, 5000, 20001}) {
    const std::vector<float> weights(depth, -0.3F), input(2 * depth, 1e4F);
    const PackedMatrix matrix(1, depth, weights, {}, Precision::kInt8);
    for (const std::size_t rows : {1, 2}) {
      float output[2];
      linear(matrix, {rows, {input.data(), depth}, {output, 1}}, {0, 1});
      const double half_step = 0.5 / std::min(32767.0, 1.69e7 / static_cast<double>(depth));
      EXPECT_NEAR(output[rows - 1] / (-3e3 * static_cast<double>(depth)), 1, 1.1 * half_step) << depth;
    }
  }
}

TEST_P(PackedLinearOnEveryIsa, NotANumber_StaysVisible) {
  for (const Precision precision : kPrecisions) {
    const std::vector<float> weights(40, 0.5F);
    std::vector<float> input(2 * 40, 1);
    input[7] = std::numeric_limits<float>::quiet_NaN();
    const PackedMatrix matrix(1, 40, weights, {}, precision);
    for (const std::size_t rows : {1, 2}) {
      float output[2];
      linear(matrix, {rows, {input.data(), 40}, {output, 1}}, {0, 1});
      EXPECT_TRUE(std::isnan(output[0])) << to_string(precision);
    }
  }
}

TEST_P(PackedLinearOnEveryIsa, ManyRows_EqualSingleRowsToTheBit) {
  for (const Precision precision : kPrecisions) {
    for (const std::size_t depth : {1, 2, 31, 33, 64, 515, 1100, 4097, 9001}) {
      const Problem problem(20, depth, 75, depth, precision);
      const auto together = problem.run(Activation::kGelu, true, 0);
      for (std::size_t row = 0; row < 20; ++row) {
        std::vector<float> alone(75);
        linear(problem.matrix,
               {1,
                {problem.input.data() + row * depth, depth},
                {alone.data(), 75},
                {problem.residual.data() + row * 75, 75},
                Activation::kGelu},
               {0, problem.matrix.panels()});
        for (std::size_t i = 0; i < 75; ++i) ASSERT_EQ(alone[i], together[row * problem.stride + i]) << depth;
      }
    }
  }
}

TEST_P(PackedLinearOnEveryIsa, ActivationAndResidual_ComeAfterTheSum) {
  for (const std::size_t rows : {1, 3, 12, 17}) {
    const Problem problem(rows, 33, 45, rows);
    for (const Activation activation : kActivations) {
      problem.check(activation, false);
      problem.check(activation, true);
    }
  }
}

TEST_P(PackedLinearOnEveryIsa, Residual_MayBeTheOutputItself) {
  for (const std::size_t rows : {std::size_t{1}, std::size_t{14}}) {
    const Problem problem(rows, 20, 50, 3);
    const auto apart = problem.run(Activation::kGelu, true, 0);
    auto within = problem.residual;
    linear(problem.matrix,
           {rows, {problem.input.data(), 20}, {within.data(), 50}, {within.data(), 50}, Activation::kGelu},
           {0, problem.matrix.panels()});
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t column = 0; column < 50; ++column) {
        EXPECT_EQ(within[row * 50 + column], apart[row * problem.stride + column]);
      }
    }
  }
}

TEST_P(PackedLinearOnEveryIsa, AnySplit_IsEqualToTheBit) {
  for (const std::size_t rows : {std::size_t{1}, std::size_t{29}}) {
    const Problem problem(rows, 127, 150, 5);
    const auto whole = problem.run(Activation::kGeluTanh, true, 0);
    for (std::size_t split = 1; split <= problem.matrix.panels(); ++split) {
      EXPECT_EQ(whole, problem.run(Activation::kGeluTanh, true, split)) << split;
    }
  }
}

TEST_P(PackedLinearOnEveryIsa, PreparedInput_ChangesNoBit) {
  for (const Precision precision : kPrecisions) {
    for (const std::size_t rows : {std::size_t{1}, std::size_t{21}, std::size_t{200}}) {
      for (const std::size_t depth : {std::size_t{1}, std::size_t{63}, std::size_t{515}, std::size_t{4100}}) {
        if (rows * depth > 100000) continue;
        const Problem problem(rows, depth, 150, depth, precision);
        const auto expected = problem.run(Activation::kGelu, true, 0);
        const std::size_t bytes = prepared_left_bytes(precision, rows, depth);
        EXPECT_EQ(bytes, rows * prepared_left_bytes(precision, 1, depth));
        AlignedFloats memory(bytes / sizeof(float));
        auto* prepared = reinterpret_cast<std::byte*>(memory.data());
        const Matrix<const float> input = {problem.input.data(), depth};
        prepare_left(precision, depth, input, {rows / 3, rows}, prepared);
        prepare_left(precision, depth, input, {0, rows / 3}, prepared);
        std::vector<float> result(expected.size(), Problem::kMargin);
        for (std::size_t panel = 0; panel < problem.matrix.panels(); ++panel) {
          LinearCall call = {rows,
                             input,
                             {result.data(), problem.stride},
                             {problem.residual.data(), problem.out},
                             Activation::kGelu,
                             prepared};
          linear(problem.matrix, call, {panel, panel + 1});
        }
        ASSERT_EQ(result, expected) << to_string(precision) << " " << rows << " rows, depth " << depth;
      }
    }
  }
}

// Pieces of some rows and some panels, with and without a prepared input.
TEST_P(PackedLinearOnEveryIsa, CutByRowsAndPanels_IsEqualToTheBit) {
  for (const Precision precision : kPrecisions) {
    const Problem problem(61, 130, 150, 9, precision);
    const auto expected = problem.run(Activation::kSilu, true, 0);
    const std::size_t row_bytes = prepared_left_bytes(precision, 1, problem.in);
    AlignedFloats memory(problem.rows * row_bytes / sizeof(float));
    const auto* prepared = reinterpret_cast<std::byte*>(memory.data());
    prepare_left(precision, problem.in, {problem.input.data(), problem.in}, {0, problem.rows},
                 reinterpret_cast<std::byte*>(memory.data()));
    for (const std::size_t piece : {1, 2, 13, 17, 48}) {
      std::vector<float> result(expected.size(), Problem::kMargin);
      for (std::size_t row = 0; row < problem.rows; row += piece) {
        LinearCall call;
        call.rows = std::min(piece, problem.rows - row);
        call.input = {problem.input.data() + row * problem.in, problem.in};
        call.output = {result.data() + row * problem.stride, problem.stride};
        call.residual = {problem.residual.data() + row * problem.out, problem.out};
        call.activation = Activation::kSilu;
        if (row / piece % 2 == 0) call.prepared = prepared + row * row_bytes;
        for (std::size_t panel = 0; panel < problem.matrix.panels(); panel += 2) {
          linear(problem.matrix, call, {panel, std::min(panel + 2, problem.matrix.panels())});
        }
      }
      ASSERT_EQ(result, expected) << to_string(precision) << " in pieces of " << piece;
    }
  }
}

// The step of a row in 16 bits is as fine as its sum allows, and must not depend on zeros behind it.
TEST_P(PackedLinearOnEveryIsa, ZerosBehindARow_ChangeNoBit) {
  Rng rng(3);
  for (const Precision precision : kPrecisions) {
    for (const std::size_t depth : {7, 100, 516, 700, 1500}) {
      for (const std::size_t more : {1, 2, 33, 700}) {
        // Flat rows, whose step is decided by their sum, and others.
        for (const float unevenness : {0.0F, 1.0F}) {
          const std::size_t all = depth + more;
          const auto weights = random_floats(rng, 40 * all), noise = random_floats(rng, 2 * all);
          std::vector<float> narrow_weights, input(2 * all);
          for (std::size_t row = 0; row < 40; ++row) {
            narrow_weights.insert(narrow_weights.end(), weights.begin() + row * all,
                                  weights.begin() + row * all + depth);
          }
          for (std::size_t row = 0; row < 2; ++row) {
            for (std::size_t k = 0; k < depth; ++k) input[row * all + k] = 0.7F + unevenness * noise[row * all + k];
          }
          // int8 rows round by their largest number, which lies in what both have.
          for (std::size_t row = 0; row < 40; ++row) narrow_weights[row * depth] = 1;
          auto wide_weights = weights;
          for (std::size_t row = 0; row < 40; ++row) wide_weights[row * all] = 1;
          const PackedMatrix wide(40, all, wide_weights, {}, precision);
          const PackedMatrix narrow(40, depth, narrow_weights, {}, precision);
          for (const std::size_t rows : {1, 2}) {
            std::vector<float> a(2 * 40), b(2 * 40);
            linear(wide, {rows, {input.data(), all}, {a.data(), 40}}, {0, 2});
            linear(narrow, {rows, {input.data(), all}, {b.data(), 40}}, {0, 2});
            ASSERT_EQ(a, b) << to_string(precision) << " " << depth << " + " << more << ", rows " << rows;
          }
        }
      }
    }
  }
}

// Whole numbers are summed exactly, whatever multiplies them.
TEST_P(PackedLinearOnEveryIsa, Int8ByBytes_EqualsInt8ByPairsToTheBit) {
  for (const std::size_t rows : {1, 2, 7, 16, 50, 100}) {
    for (const std::size_t depth : {1, 2, 3, 5, 64, 130, 515, 4101, 9003}) {
      if (rows * depth > 30000) continue;
      use_byte_dots(false);
      const auto pairs = Problem(rows, depth, 75, depth, Precision::kInt8).run(Activation::kGelu, true, 1);
      use_byte_dots(true);
      const auto bytes = Problem(rows, depth, 75, depth, Precision::kInt8).run(Activation::kGelu, true, 1);
      ASSERT_EQ(bytes, pairs) << rows << " rows, depth " << depth;
    }
  }
}

TEST_P(PackedLinearOnEveryIsa, PanelsOfAnotherInstructionSet_GiveTheSameSums) {
  for (const std::size_t rows : {1, 3, 20}) {
    for (const bool bytes : {false, true}) {
      use_byte_dots(bytes);
      const Problem problem(rows, 131, 75, rows, Precision::kInt8);
      use_byte_dots(!bytes);
      problem.check(Activation::kGelu, true);
    }
  }
  use_byte_dots(true);
}

TEST_P(PackedLinearOnEveryIsa, NoRows_AreNoWork) {
  for (const Precision precision : kPrecisions) {
    const Problem problem(2, 70, 40, 1, precision);
    linear(problem.matrix, {0, {problem.input.data(), 70}, {nullptr, 40}}, {0, problem.matrix.panels()});
  }
}

TEST_P(PackedLinearOnEveryIsa, NoBias_IsZeroBias) {
  const std::vector<float> weights = {1, 2, 3, 4, 5, 6};
  const std::vector<float> input = {1, 10};
  const PackedMatrix matrix(3, 2, weights, {});
  float output[3];
  linear(matrix, {1, {input.data(), 2}, {output, 3}}, {0, 1});
  EXPECT_EQ(output[0], 21);
  EXPECT_EQ(output[1], 43);
  EXPECT_EQ(output[2], 65);
}

INSTANTIATE_TEST_SUITE_P(Isas, PackedLinearOnEveryIsa, ::testing::ValuesIn(available_isas()), isa_test_name);

}  // namespace
}  // namespace continuo::kernels
