#include <gtest/gtest.h>
#include <torch/torch.h>

#include "continuo/tokens/vocabulary.h"

#include "data/batch_feed.h"
#include "data/batch_source.h"

namespace continuo::train {
namespace {

// Pieces of these lengths; token i of a piece is 10 + i, between BOS and EOS.
dataset::TokenSequences pieces_of(const std::vector<std::size_t>& lengths) {
  std::vector<std::vector<std::uint16_t>> pieces;
  for (const std::size_t length : lengths) {
    std::vector<std::uint16_t> piece(length);
    for (std::size_t i = 0; i < length; ++i) piece[i] = static_cast<std::uint16_t>(10 + i);
    piece.front() = static_cast<std::uint16_t>(tokens::kBos);
    piece.back() = static_cast<std::uint16_t>(tokens::kEos);
    pieces.push_back(std::move(piece));
  }
  return dataset::TokenSequences::in_memory(std::move(pieces), std::vector<std::string>(lengths.size(), "piece"));
}

dataset::WindowOptions in_order(int context, int batch) {
  return {.context_length = context, .batch_size = batch, .order = dataset::WindowOrder::kInOrder};
}

std::vector<std::int64_t> values(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.to(torch::kInt64).contiguous();
  return {flat.data_ptr<std::int64_t>(), flat.data_ptr<std::int64_t>() + flat.numel()};
}

bool equal(const Batch& a, const Batch& b) {
  return a.count == b.count && torch::equal(a.inputs, b.inputs) && torch::equal(a.places, b.places) &&
         torch::equal(a.targets, b.targets) && a.padding.defined() == b.padding.defined() &&
         (!a.padding.defined() || torch::equal(a.padding, b.padding));
}

TEST(BatchSource, TargetsAreTheNextTokensWithTheirPositions) {
  const auto pieces = pieces_of({4, 3});
  const Batch batch = BatchSource(pieces, in_order(64, 2), Objective::kNextToken).get(0);
  EXPECT_EQ(batch.inputs.sizes(), (std::vector<std::int64_t>{2, 16})) << "cut to the longest row, rounded up to 16";
  EXPECT_EQ(batch.count, 5);
  EXPECT_EQ(values(batch.places), (std::vector<std::int64_t>{0, 1, 2, 16, 17}));
  EXPECT_EQ(values(batch.targets), (std::vector<std::int64_t>{11, 12, tokens::kEos, 11, tokens::kEos}));
  const auto inputs = values(batch.inputs);
  EXPECT_EQ(std::vector<std::int64_t>(inputs.begin(), inputs.begin() + 4),
            (std::vector<std::int64_t>{tokens::kBos, 11, 12, tokens::kPad}));
  ASSERT_TRUE(batch.padding.defined());
  std::vector<std::int64_t> padding(32, 1);
  padding[0] = padding[1] = padding[2] = padding[16] = padding[17] = 0;
  EXPECT_EQ(values(batch.padding), padding);
}

TEST(BatchSource, TimeIsRoundedUpToSixteenWithinTheContext) {
  struct Case {
    std::size_t piece;
    int context;
    std::int64_t time;
    bool padded;
  };
  for (const Case& c : {Case{17, 64, 16, false}, Case{18, 64, 32, true}, Case{33, 64, 32, false},
                        Case{18, 20, 20, true}, Case{30, 20, 20, false}, Case{3, 5, 5, true}}) {
    const auto pieces = pieces_of({c.piece});
    const Batch batch = BatchSource(pieces, in_order(c.context, 1), Objective::kNextToken).get(0);
    EXPECT_EQ(batch.inputs.size(1), c.time) << c.piece << " tokens, context " << c.context;
    EXPECT_EQ(batch.padding.defined(), c.padded) << c.piece << " tokens, context " << c.context;
  }
}

TEST(BatchSource, ARowThatDoesNotExistMayAttendToOneToken) {
  const auto pieces = pieces_of({4});
  const Batch batch = BatchSource(pieces, in_order(16, 2), Objective::kNextToken).get(0);
  EXPECT_FALSE(batch.padding[1][0].item<bool>());
  EXPECT_TRUE(batch.padding[1][1].item<bool>());
  const Batch none = BatchSource(pieces, in_order(16, 2), Objective::kNextToken).get(7);
  EXPECT_EQ(none.count, 0);
  EXPECT_EQ(none.inputs.size(1), 1);
}

TEST(BatchSource, MaskedTargetsAreWhereTheInputIsMask) {
  const auto pieces = pieces_of({40, 30, 20});
  for (const Objective objective : {Objective::kMaskedTraining, Objective::kMaskedValidation}) {
    const Batch batch = BatchSource(pieces, in_order(48, 3), objective).get(0);
    ASSERT_GT(batch.count, 0);
    EXPECT_LT(batch.count, 87);
    ASSERT_EQ(batch.rows.size(), 3U);
    double weight = 0;
    std::int64_t count = 0;
    for (const BatchRow& row : batch.rows) weight += row.weight * double(row.count), count += row.count;
    EXPECT_EQ(count, batch.count);
    EXPECT_DOUBLE_EQ(weight, 39 + 29 + 19) << "each window by its length, without BOS";
    const auto inputs = values(batch.inputs), places = values(batch.places), targets = values(batch.targets);
    EXPECT_EQ(std::count(inputs.begin(), inputs.end(), tokens::kMask), batch.count);
    for (std::size_t i = 0; i < places.size(); ++i) {
      EXPECT_EQ(inputs[static_cast<std::size_t>(places[i])], tokens::kMask);
      const auto time = places[i] % batch.inputs.size(1);
      if (targets[i] != tokens::kEos) {
        EXPECT_EQ(targets[i], 10 + time) << "the token that was there";
      }
    }
  }
}

TEST(BatchSource, MasksOfValidationAreTheSameForEverySeedAndThoseOfTrainingAreNot) {
  const auto pieces = pieces_of({40, 40, 40, 40});
  dataset::WindowOptions one = in_order(48, 2), other = one;
  other.seed = 5;
  const auto batch = [&](const dataset::WindowOptions& options, Objective objective, std::uint64_t step) {
    return BatchSource(pieces, options, objective).get(step);
  };
  EXPECT_TRUE(equal(batch(one, Objective::kMaskedValidation, 0), batch(other, Objective::kMaskedValidation, 0)));
  EXPECT_FALSE(equal(batch(one, Objective::kMaskedTraining, 0), batch(other, Objective::kMaskedTraining, 0)));
  EXPECT_FALSE(equal(batch(one, Objective::kMaskedTraining, 0), batch(one, Objective::kMaskedTraining, 1)))
      << "equal pieces, other masks";
  const auto both = batch(one, Objective::kMaskedValidation, 0).inputs;
  EXPECT_FALSE(torch::equal(both[0], both[1])) << "equal pieces, other masks";
}

// Batches are the same whether they were made ahead or not, and of whichever batch size for validation.
TEST(BatchSource, MasksOfValidationDoNotDependOnTheBatchSize) {
  const auto pieces = pieces_of({40, 40, 40, 40});
  const BatchSource one(pieces, in_order(40, 1), Objective::kMaskedValidation);
  const BatchSource two(pieces, in_order(40, 2), Objective::kMaskedValidation);
  EXPECT_TRUE(torch::equal(one.get(3).inputs[0], two.get(1).inputs[1]));
}

TEST(BatchFeed, GivesTheBatchOfTheStepInWhateverOrder) {
  const auto pieces = pieces_of({20, 30, 40, 25, 35});
  dataset::WindowOptions options{.context_length = 16, .batch_size = 2, .seed = 3};
  const BatchSource source(pieces, options, Objective::kNextToken);
  BatchFeed feed(source);
  for (const std::uint64_t step : {0U, 1U, 2U, 7U, 7U, 3U, 4U, 0U}) {
    EXPECT_TRUE(equal(feed.take(step), source.get(step))) << "step " << step;
  }
}

}  // namespace
}  // namespace continuo::train
