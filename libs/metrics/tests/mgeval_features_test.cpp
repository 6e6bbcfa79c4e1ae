#include "continuo/metrics/mgeval_features.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "scores.h"

namespace continuo::metrics {
namespace {

using score::Score;

constexpr std::size_t kQuarter = 2, kHalf = 1, kDottedQuarter = 6, kEighthOfTriplet = 11;

TEST(MgevalFeatures, NoPitchedNotes_AllZero) {
  for (const Score& score : {Score{}, score_of({note(0, 60, 36)}, true)}) {
    const auto features = mgeval_features(score);
    for (const auto& feature : mgeval_feature_list()) {
      const auto values = feature.values(features);
      EXPECT_EQ(std::accumulate(values.begin(), values.end(), 0.0), 0) << feature.name;
    }
  }
}

TEST(MgevalFeatures, PitchesAndTimes) {
  const auto features = mgeval_features(score_of({note(0, 480, 60), note(480, 480, 64), note(1440, 480, 57)}));
  EXPECT_EQ(features.pitch_count, 3);
  EXPECT_EQ(features.note_count, 3);
  EXPECT_EQ(features.pitch_range, 7);
  EXPECT_DOUBLE_EQ(features.pitch_interval, (4 + 7) / 2.0);
  EXPECT_DOUBLE_EQ(features.inter_onset_interval, 0.75);  // half a second and a second
}

TEST(MgevalFeatures, PitchClasses_AreSharesOfTime) {
  const auto features = mgeval_features(score_of({note(0, 1440, 60), note(1440, 480, 67)}));
  EXPECT_DOUBLE_EQ(features.pitch_classes[0], 0.75);
  EXPECT_DOUBLE_EQ(features.pitch_classes[7], 0.25);
}

TEST(MgevalFeatures, PitchTransitions_FromAnEndToABeginningWithin50Milliseconds) {
  // C to E at once; E to G after 40 ticks (42 ms); G to A after 60 ticks (63 ms), which is too late.
  const auto features =
      mgeval_features(score_of({note(0, 480, 60), note(480, 440, 64), note(960, 420, 67), note(1440, 480, 69)}));
  EXPECT_EQ(features.pitch_transitions[0 * 12 + 4], 1);
  EXPECT_EQ(features.pitch_transitions[4 * 12 + 7], 1);
  EXPECT_EQ(features.pitch_transitions[7 * 12 + 9], 0);
  EXPECT_EQ(std::accumulate(features.pitch_transitions.begin(), features.pitch_transitions.end(), 0.0), 2);
}

TEST(MgevalFeatures, PitchTransitions_StayWithinATrack) {
  auto score = score_of({note(0, 480, 60)});
  score.tracks.push_back(score_of({note(480, 480, 64)}).tracks.front());
  const auto features = mgeval_features(score);
  EXPECT_EQ(*std::ranges::max_element(features.pitch_transitions), 0);
}

TEST(MgevalFeatures, NoteLengths_NearestOfTwelve) {
  const auto features =
      mgeval_features(score_of({note(0, 470, 60), note(480, 960, 60), note(1920, 730, 60), note(2880, 150, 60)}));
  EXPECT_DOUBLE_EQ(features.note_lengths[kQuarter], 0.25);
  EXPECT_DOUBLE_EQ(features.note_lengths[kHalf], 0.25);
  EXPECT_DOUBLE_EQ(features.note_lengths[kDottedQuarter], 0.25);
  EXPECT_DOUBLE_EQ(features.note_lengths[kEighthOfTriplet], 0.25);
  EXPECT_EQ(features.length_transitions[kQuarter * MgevalFeatures::kLengths + kHalf], 1);
  EXPECT_EQ(features.length_transitions[kHalf * MgevalFeatures::kLengths + kDottedQuarter], 1);
}

}  // namespace
}  // namespace continuo::metrics
