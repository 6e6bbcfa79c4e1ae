#include "continuo/metrics/evaluation_part.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace continuo::metrics {
namespace {

EvaluationSums sums_of(std::size_t piece) {
  EvaluationSums sums{.right = 0.1 * double(piece + 1), .pieces = 1, .windows = piece, .notes = 7, .steps = -3};
  sums.nll = {.sum = 1.0 / double(piece + 3), .weight = 0.7, .tokens = 11 + piece};
  sums.quarters[2] = sums.nll;
  sums.kinds["Pitch"] = sums.nll;
  return sums;
}

EvaluationPart part_of(std::size_t index, std::size_t count, std::size_t pieces) {
  EvaluationPart part{.question = {{"split", "test"}}, .index = index, .count = count};
  part.measured = {.pieces_of_split = pieces, .context = 512, .stride = 256, .seconds = 1.5};
  for (std::size_t i = index; i < pieces; i += count) part.measured.by_piece[i] = sums_of(i);
  return part;
}

std::string refusal(const std::vector<EvaluationPart>& parts) {
  const auto merged = merge_parts(parts);
  return merged.ok() ? "" : merged.error().what;
}

TEST(EvaluationPart, IsReadAsItWasWritten) {
  const EvaluationPart part = part_of(1, 3, 8);
  const auto read = evaluation_part_of(to_text(part));
  ASSERT_TRUE(read.ok()) << read.error().to_line();
  EXPECT_EQ(read->measured.by_piece, part.measured.by_piece);
  EXPECT_EQ(read->question, part.question);
  EXPECT_EQ(to_text(*read), to_text(part));
}

TEST(EvaluationPart, AllPartsInAnyOrderAreTheWhole) {
  const auto merged = merge_parts(std::vector{part_of(2, 3, 8), part_of(0, 3, 8), part_of(1, 3, 8)});
  ASSERT_TRUE(merged.ok()) << merged.error().to_line();
  EXPECT_EQ(merged->measured.by_piece, part_of(0, 1, 8).measured.by_piece);
  EXPECT_EQ(merged->measured.seconds, 4.5);
  EXPECT_EQ(evaluation_of(merged->measured).nll_nats_per_token,
            evaluation_of(part_of(0, 1, 8).measured).nll_nats_per_token);
}

TEST(EvaluationPart, WhatIsMissingTwiceOrOfAnotherQuestionIsRefused) {
  EXPECT_EQ(refusal({}), "no part of an evaluation is given");
  EXPECT_EQ(refusal({part_of(0, 3, 8), part_of(2, 3, 8)}), "part 2/3 is missing");
  EXPECT_EQ(refusal({part_of(0, 2, 8), part_of(0, 2, 8)}), "part 1/2 is given twice");
  EXPECT_EQ(refusal({part_of(0, 2, 8), part_of(1, 2, 9)}), "part 2/2 is of another number of parts or pieces");
  EvaluationPart other = part_of(1, 2, 8);
  other.question["split"] = "train";
  EXPECT_EQ(refusal({part_of(0, 2, 8), other}), "the parts differ in what was asked: split");
  EvaluationPart holed = part_of(1, 2, 8);
  holed.measured.by_piece.erase(3);
  EXPECT_EQ(refusal({part_of(0, 2, 8), holed}), "1 pieces of the split are in no part");
}

TEST(EvaluationPart, DamagedFilesAreRefused) {
  const auto refused = [](nlohmann::json json) { return evaluation_part_of(json.dump()).error(); };
  EXPECT_EQ(refused("text").code, ErrorCode::wrong_format);
  EXPECT_EQ(refused({{"format", 3}}).code, ErrorCode::wrong_format);
  const nlohmann::json good = nlohmann::json::parse(to_text(part_of(0, 2, 8)));
  for (const auto& [name, value] : good.items()) {
    if (name == "format") continue;
    nlohmann::json without = good, odd = good;
    without.erase(name);
    odd[name] = "odd";
    EXPECT_EQ(refused(without).code, ErrorCode::malformed) << name;
    EXPECT_EQ(refused(odd).code, ErrorCode::malformed) << name;
  }
  nlohmann::json odd = good;
  odd["pieces"]["8"] = odd["pieces"]["0"];
  EXPECT_EQ(refused(odd).what, "'8' is no piece of the split");
  odd = good;
  odd["pieces"]["4"]["kinds"]["Pitch"]["sum"] = nullptr;
  EXPECT_EQ(refused(odd).code, ErrorCode::malformed);
  odd = good;
  odd["shard"] = 2;
  EXPECT_EQ(refused(odd).what, "evaluation: there is no such shard");
}

}  // namespace
}  // namespace continuo::metrics
