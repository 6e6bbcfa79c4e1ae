#include "continuo/metrics/structure_measures.h"

#include <gtest/gtest.h>

#include "../src/structure/fitness.h"
#include "scores.h"

namespace continuo::metrics {
namespace {

using score::Note;

// Eight seconds (at 120 quarters a minute) of a melody that is its own for each number.
void add_passage(int number, int transposed, std::vector<Note>& notes) {
  const auto begin = std::int64_t(notes.size() / 16) * 7680;
  for (int i = 0; i < 16; ++i) {
    const int step = (i * (5 + 2 * number) + i * i * (number + 1)) % 12;
    notes.push_back(note(begin + i * 480, 480, 60 + step + transposed));
  }
}

StructureMeasures of(std::initializer_list<int> passages, int transposed = 0) {
  std::vector<Note> notes;
  int place = 0;
  for (const int number : passages) add_passage(number, place++ * transposed, notes);
  return structure_measures(score_of(notes));
}

TEST(StructureMeasures, WhatComesBackIsFound) {
  const auto repeated = of({1, 2, 1, 2}), unlike = of({1, 2, 3, 4});
  EXPECT_GT(*repeated.structureness_mid, *unlike.structureness_mid + 0.1);
  EXPECT_GT(*repeated.structureness_long, *unlike.structureness_long + 0.1);
}

TEST(StructureMeasures, InAnyTransposition) {
  EXPECT_NEAR(*of({1, 1, 1}, 5).structureness_mid, *of({1, 1, 1}).structureness_mid, 0.1);
}

TEST(StructureMeasures, ShortPieces_HaveNoLongPassages) {
  const auto four_seconds = structure_measures(score_of({note(0, 480, 60), note(480, 3360, 64)}));
  EXPECT_TRUE(four_seconds.structureness_short);
  EXPECT_FALSE(four_seconds.structureness_mid);
  EXPECT_FALSE(four_seconds.structureness_long);
  EXPECT_FALSE(structure_measures(score_of({note(0, 480, 60)})).structureness_short);
}

TEST(StructureMeasures, DrumsAloneAndSilence_HaveNone) {
  EXPECT_FALSE(structure_measures(score_of({note(0, 48000, 36)}, true)).structureness_short);
  EXPECT_FALSE(structure_measures(score::Score{}).structureness_short);
}

TEST(PitchClassFrames, BeginWithTheFirstNoteAndAreSoMany) {
  const auto score = score_of({note(9600, 480, 60), note(96000, 480, 67)});
  EXPECT_EQ(pitch_class_frames(score, 1000).size(), 181u);
  EXPECT_EQ(pitch_class_frames(score, 10).size(), 10u);
  EXPECT_DOUBLE_EQ(pitch_class_frames(score, 10).front()[0], 1);
}

// Six frames, the last three like the first: of the passage of frames 0 to 2 the paths have six cells of 1 and cover
// all rows, so likeness is (6 - 3) / 6, coverage (6 - 3) / 6, and fitness their harmonic mean.
TEST(PassageFitness, OfARepetition) {
  SimilarityMatrix matrix(6);
  for (std::size_t i = 0; i < 6; ++i)
    for (std::size_t j = 0; j < 6; ++j) matrix.row(i)[j] = i % 3 == j % 3 ? 1 : -2;
  PassageFitness fitness(matrix);
  EXPECT_NEAR(fitness.of(0, 3), 0.5, 1e-12);
  EXPECT_NEAR(fitness.of(3, 3), 0.5, 1e-12);
  EXPECT_NEAR(fitness.of(0, 6), 0, 1e-12);
}

}  // namespace
}  // namespace continuo::metrics
