#include "continuo/metrics/musdr_measures.h"

#include <gtest/gtest.h>

#include "scores.h"

namespace continuo::metrics {
namespace {

using score::Note;
using score::Score;

constexpr int kBar = 1920;

TEST(MusdrMeasures, NoNotes_HasNoNumbers) {
  const auto measures = musdr_measures(Score{});
  EXPECT_FALSE(measures.pitch_class_entropy_1);
  EXPECT_FALSE(measures.grooving_similarity);
}

TEST(MusdrMeasures, Entropy_OfEachWindowOfBars) {
  // Bar 0 has C and G, bar 1 is empty, bar 2 has C alone.
  const auto measures = musdr_measures(score_of({note(0, 480, 60), note(480, 480, 67), note(2 * kBar, 480, 60)}));
  EXPECT_DOUBLE_EQ(*measures.pitch_class_entropy_1, 0.5);
  // Shorter than four bars: one window with C, G, C.
  EXPECT_NEAR(*measures.pitch_class_entropy_4, 0.918295834, 1e-9);
}

TEST(MusdrMeasures, GroovingSimilarity_OverAllPairsOfBars) {
  // Onsets on beats 1 and 2, on beat 1, on beat 1: the pairs differ in 1, 1 and 0 of 64 places.
  const auto measures =
      musdr_measures(score_of({note(0, 240, 60), note(480, 240, 60), note(kBar, 240, 60), note(2 * kBar, 240, 60)}));
  EXPECT_DOUBLE_EQ(*measures.grooving_similarity, 1 - 2 / 64.0 / 3);
}

TEST(MusdrMeasures, GroovingSimilarity_AnEarlyNoteBelongsToTheNextBar) {
  const auto measures = musdr_measures(score_of({note(0, 240, 60), note(kBar - 5, 240, 60)}));
  EXPECT_DOUBLE_EQ(*measures.grooving_similarity, 1);
}

TEST(MusdrMeasures, DrumsAlone_HaveAGrooveOnly) {
  const auto measures = musdr_measures(score_of({note(0, 60, 36), note(kBar, 60, 36)}, true));
  EXPECT_FALSE(measures.pitch_class_entropy_1);
  EXPECT_FALSE(measures.chord_irregularity);
  EXPECT_DOUBLE_EQ(*measures.grooving_similarity, 1);
}

// A triad that fills its bar.
void add_triad(int bar, int root, std::vector<Note>& notes) {
  for (const int step : {0, 4, 7}) notes.push_back(note(bar * kBar, kBar, root + step));
}

TEST(MusdrMeasures, ChordIrregularity_ShareOfDifferentTrigrams) {
  std::vector<Note> notes;
  int bar = 0;
  for (const int root : {60, 65, 67, 60, 65, 67}) add_triad(bar++, root, notes);
  // C F G, F G C, G C F and C F G again.
  EXPECT_DOUBLE_EQ(*musdr_measures(score_of(notes)).chord_irregularity, 3 / 4.0);
}

}  // namespace
}  // namespace continuo::metrics
