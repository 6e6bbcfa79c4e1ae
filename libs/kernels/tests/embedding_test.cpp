#include "continuo/kernels/embedding.h"

#include "kernel_test.h"

namespace continuo::kernels {
namespace {

constexpr std::size_t kRows = 50, kWords = 11, kTime = 10;

std::vector<std::int64_t> random_ids(Rng& rng) {
  std::vector<std::int64_t> ids(kRows);
  for (auto& id : ids) id = static_cast<std::int64_t>(rng.below(kWords - 1));  // the last word never occurs
  return ids;
}

TEST(TrainingEmbedding, Rows_AreTheirWordsPlusTheirPositions) {
  Rng rng(1);
  const auto ids = random_ids(rng);
  for (const std::size_t width : kOddLengths) {
    const std::size_t stride = width + 1;  // the last column must stay
    const auto words = random_floats(rng, kWords * width), positions = random_floats(rng, kTime * width);
    std::vector<float> plain(kRows * stride), placed(kRows * stride);
    Embedding call{kRows, width, ids.data(), {words.data(), width}, kTime, {}, {plain.data(), stride}};
    for (std::size_t part = 0; part < 3; ++part) embed(call, {part, 3});
    call.positions = {positions.data(), width};
    call.output = {placed.data(), stride};
    for (std::size_t part = 0; part < 3; ++part) embed(call, {part, 3});
    for (std::size_t at = 0; at < kRows * stride; ++at) {
      const std::size_t row = at / stride, i = at % stride;
      const float word = i < width ? words[static_cast<std::size_t>(ids[row]) * width + i] : 0.0F;
      ASSERT_EQ(plain[at], word);
      ASSERT_EQ(placed[at], i < width ? word + positions[row % kTime * width + i] : 0.0F);
    }
  }
}

TEST(TrainingEmbedding, Gradient_SumsRowsByWordForAnyNumberOfParts) {
  Rng rng(2);
  const auto ids = random_ids(rng);
  for (const std::size_t width : {1, 15, 16, 17, 100, 257, 300}) {
    const std::size_t stride = width + 1;  // the last column must stay
    const auto dy = random_floats(rng, kRows * width);
    std::vector<float> expected(kWords * stride);
    expected[width] = 3;
    for (std::size_t row = 0; row < kRows; ++row) {
      float* sums = expected.data() + static_cast<std::size_t>(ids[row]) * stride;
      for (std::size_t i = 0; i < width; ++i) sums[i] += dy[row * width + i];
    }
    for (const std::size_t parts : {1, 2, 5, 100}) {
      std::vector<float> result(kWords * stride, 3.0F);
      for (std::size_t word = 1; word < kWords; ++word) result[word * stride + width] = 0;
      EmbeddingGradient call{kRows, width, kWords, ids.data(), {dy.data(), width}, {result.data(), stride}};
      for (std::size_t part = 0; part < parts; ++part) embedding_gradient(call, {part, parts});
      ASSERT_EQ(result, expected) << width << " in " << parts;
      call.accumulate = true;
      for (std::size_t part = 0; part < parts; ++part) embedding_gradient(call, {part, parts});
      for (std::size_t at = 0; at < result.size(); ++at) {
        const float once = at % stride < width ? expected[at] : 0.5F * expected[at];  // the margin stays
        ASSERT_NEAR(result[at], 2 * once, 1e-5);
      }
    }
  }
}

}  // namespace
}  // namespace continuo::kernels
