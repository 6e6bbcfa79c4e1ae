#include "continuo/metrics/collection_statistics.h"

#include <cmath>
#include <span>
#include <vector>

#include <gtest/gtest.h>

namespace continuo::metrics {
namespace {

TEST(CollectionStatistics, MeanAndSampleDeviation) {
  std::vector<PieceStatistics> pieces(3);
  pieces[0].polyphony = 1;
  pieces[1].polyphony = 2;
  pieces[2].polyphony = 6;
  const auto collection = collection_statistics(pieces);
  EXPECT_EQ(collection.pieces, 3u);
  EXPECT_DOUBLE_EQ(collection.field("polyphony").mean, 3);
  EXPECT_DOUBLE_EQ(collection.field("polyphony").deviation, std::sqrt((4 + 1 + 9) / 2.0));
}

TEST(CollectionStatistics, PitchClasses_LeaveDrumPiecesOut) {
  std::vector<PieceStatistics> pieces(3);
  pieces[0].pitch_classes[0] = 1;
  pieces[1].pitch_classes[7] = 1;
  const auto collection = collection_statistics(pieces);
  EXPECT_DOUBLE_EQ(collection.pitch_classes[0], 0.5);
  EXPECT_DOUBLE_EQ(collection.pitch_classes[7], 0.5);
}

TEST(CollectionStatistics, StatisticsOfPitch_LeaveDrumPiecesOut) {
  std::vector<PieceStatistics> pieces(3);
  pieces[0] = {.notes = 10, .pitch_classes = {1}, .scale_consistency = 1, .pitch_mean = 60};
  pieces[1] = {.notes = 20, .pitch_classes = {0.5, 0.5}, .scale_consistency = 0.5, .pitch_mean = 64};
  pieces[2] = {.notes = 30};  // drums
  const auto collection = collection_statistics(pieces);
  EXPECT_EQ(collection.pitched_pieces, 2u);
  EXPECT_DOUBLE_EQ(collection.field("pitch_mean").mean, 62);
  EXPECT_DOUBLE_EQ(collection.field("pitch_mean").deviation, std::sqrt(8.0));
  EXPECT_DOUBLE_EQ(collection.field("scale_consistency").mean, 0.75);
  EXPECT_EQ(collection.field("scale_consistency").pieces, 2u);
  EXPECT_DOUBLE_EQ(collection.field("notes").mean, 20);
  EXPECT_EQ(collection.field("notes").pieces, 3u);

  const auto drums = collection_statistics(std::span(pieces).subspan(2));
  for (const auto& field : statistic_fields())
    EXPECT_EQ(drums.field(field.name).pieces, field.of_pitch ? 0u : 1u) << field.name;
}

TEST(CollectionStatistics, NoneAndOnePiece_NoDeviation) {
  EXPECT_EQ(collection_statistics({}).pieces, 0u);
  std::vector<PieceStatistics> one(1);
  one[0].notes = 7;
  EXPECT_DOUBLE_EQ(collection_statistics(one).field("notes").mean, 7);
  EXPECT_DOUBLE_EQ(collection_statistics(one).field("notes").deviation, 0);
}

TEST(CollectionStatistics, EveryFieldHasItsOwnNameAndValue) {
  for (std::size_t i = 0; i < statistic_fields().size(); ++i)
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(statistic_fields()[i].name, statistic_fields()[j].name);
  PieceStatistics piece;
  piece.duration_mean_quarters = 3;
  EXPECT_EQ(statistic_fields().back().value(piece), 3);
}

TEST(HistogramDistance, SameDisjointAndHalf) {
  const std::vector<double> a = {0.5, 0.5, 0, 0}, b = {0, 0, 0.5, 0.5}, c = {0.5, 0, 0.5, 0}, none(4);
  EXPECT_DOUBLE_EQ(histogram_overlap(a, a), 1);
  EXPECT_DOUBLE_EQ(histogram_overlap(a, b), 0);
  EXPECT_DOUBLE_EQ(histogram_overlap(a, c), 0.5);
  EXPECT_DOUBLE_EQ(jensen_shannon_divergence(a, a), 0);
  EXPECT_DOUBLE_EQ(jensen_shannon_divergence(a, b), 1);
  EXPECT_DOUBLE_EQ(jensen_shannon_divergence(a, c), 0.5);
  EXPECT_DOUBLE_EQ(jensen_shannon_divergence(a, none), 1);
  EXPECT_DOUBLE_EQ(jensen_shannon_divergence(none, none), 0);
}

// Of histograms of different lengths the missing places are empty.
TEST(HistogramDistance, ShorterHistogramsEndInZeros) {
  const std::vector<double> longer = {0.25, 0.25, 0.5};
  const double values[] = {0.5, 0.5, 9, 9};
  const auto shorter = std::span(values).first(2);
  EXPECT_DOUBLE_EQ(histogram_overlap(longer, shorter), 0.5);
  EXPECT_DOUBLE_EQ(histogram_overlap(shorter, longer), 0.5);
}

}  // namespace
}  // namespace continuo::metrics
