#include <cmath>
#include <limits>

#include "continuo/kernels/attention.h"
#include "continuo/kernels/linear.h"
#include "continuo/kernels/norm.h"
#include "continuo/kernels/optimiser.h"
#include "continuo/kernels/recurrent.h"

#include "kernel_test.h"

// Of the parts into which an operation says that it may be cut, none may be empty: a thread would be woken for nothing.
namespace continuo::kernels {
namespace {

constexpr float kUntouched = std::numeric_limits<float>::infinity();
// Around the sizes at which operations cut.
const std::vector<std::size_t> kSizes = {1, 47, 48, 49, 63, 64, 65, 127, 128, 129, 192, 193, 1000};

template <typename Number>
std::size_t touched(const std::vector<Number>& numbers) {
  std::size_t count = 0;
  for (const Number number : numbers) count += std::isinf(number) ? 0 : 1;
  return count;
}

TEST(Parts, NormGradient_HasWorkInEachPart) {
  constexpr std::size_t kWidth = 3;
  const std::vector<float> scale(kWidth, 1.0F);
  for (const std::size_t rows : kSizes) {
    const std::vector<float> x(rows * kWidth, 0.5F);
    const std::vector<RowStatistics> statistics(rows, {0, 1});
    NormBackward<float> call;
    call.shape = {rows, kWidth, scale.data(), scale.data(), 1e-5F};
    call.input = call.gradient = {x.data(), kWidth};
    call.statistics = statistics.data();
    std::vector<float> sums(norm_sums_size(call.shape));
    call.sums = sums.data();
    const std::size_t count = parts_of(call).most;
    for (std::size_t part = 0; part < count; ++part) {
      std::vector<float> gradient(rows * kWidth, kUntouched);
      call.input_gradient = {gradient.data(), kWidth};
      norm_gradient(call, {part, count});
      ASSERT_GT(touched(gradient), 0U) << rows << " rows, part " << part << " of " << count;
    }
  }
}

TEST(Parts, SumOfSquares_HasWorkInEachPart) {
  for (const std::size_t values : {std::size_t{1}, std::size_t{20000}, std::size_t{40000}, std::size_t{100000}}) {
    const std::vector<float> numbers(values, 1.0F);
    const std::size_t count = parts_of_sum_of_squares(values).most;
    for (std::size_t part = 0; part < count; ++part) {
      std::vector<double> sums(sum_of_squares_chunks(values), kUntouched);
      sum_of_squares(numbers, sums.data(), {part, count});
      ASSERT_GT(touched(sums), 0U) << values << " numbers, part " << part << " of " << count;
    }
  }
}

TEST(Parts, LinearProduct_HasWorkInEachPart) {
  const std::vector<float> weights(packed_size<float>(1, 1), 1.0F);
  for (const std::size_t rows : kSizes) {
    const std::vector<float> x(rows, 1.0F);
    LinearProduct<float> call;
    call.rows = rows;
    call.input = {x.data(), 1};
    call.weights = {weights.data(), 1, 1};
    const std::size_t count = parts_of(call).most;
    for (std::size_t part = 0; part < count; ++part) {
      std::vector<float> out(rows, kUntouched);
      call.output = {out.data(), 1};
      linear(call, {part, count});
      ASSERT_GT(touched(out), 0U) << rows << " rows, part " << part << " of " << count;
    }
  }
}

TEST(Parts, WeightGradient_HasWorkInEachPart) {
  for (const std::size_t outputs : kSizes) {
    for (const std::size_t inputs : kSizes) {
      const std::vector<float> dy(outputs, 1.0F), x(inputs, 1.0F);
      WeightGradient<float> call;
      call.rows = 1;
      call.outputs = outputs;
      call.inputs = inputs;
      call.gradient = {dy.data(), outputs};
      call.input = {x.data(), inputs};
      const std::size_t count = parts_of(call).most;
      for (std::size_t part = 0; part < count; ++part) {
        std::vector<float> out(outputs * inputs, kUntouched);
        call.weights = {out.data(), inputs};
        weight_gradient(call, {part, count});
        ASSERT_GT(touched(out), 0U) << outputs << "x" << inputs << ", part " << part << " of " << count;
      }
    }
  }
}

TEST(Parts, SequencesAndHeads_AreNotMoreThanThereAre) {
  for (const std::size_t batch : kSizes) {
    EXPECT_LE(parts_of(SequenceShape{1, batch, 1}).most, batch);
    AttentionShape shape;
    shape.batch = batch;
    shape.n_kv_heads = 2;
    EXPECT_EQ(parts_of(shape).most, 2 * batch);
  }
}

}  // namespace
}  // namespace continuo::kernels
