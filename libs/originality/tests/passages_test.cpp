#include "continuo/originality/passages.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "continuo/base/rng.h"

#include "melodies.h"

namespace continuo::originality {
namespace {

using score::Note;
using score::Score;
using score::Ticks;
using testing::random_piece;

constexpr int kPieces = 20;

Index index_of_random_pieces() {
  IndexBuilder builder;
  for (int i = 0; i < kPieces; ++i)
    EXPECT_TRUE(builder.add("piece " + std::to_string(i), random_piece(std::uint64_t(i))).ok());
  return Index::of_bytes(builder.bytes()).value();
}

// Notes of a track as lines have them: of one time and pitch one, the lowest of a time first.
std::vector<Note> line_of(const score::Track& track) {
  std::vector<Note> notes = track.notes;
  std::ranges::sort(notes, {}, [](const Note& note) { return std::pair(note.onset, note.pitch); });
  const auto again = [](const Note& a, const Note& b) { return a.onset == b.onset && a.pitch == b.pitch; };
  notes.erase(std::unique(notes.begin(), notes.end(), again), notes.end());
  return notes;
}

// A piece that has `copied` after its first notes, moved by semitones and drawn out.
Score with_a_copy(std::span<const Note> copied, int semitones, double stretch, std::uint64_t seed) {
  Score piece = random_piece(seed, 1, 30);
  std::vector<Note>& notes = piece.tracks[0].notes;
  const Ticks begin = piece.end() + Ticks(480);
  for (const Note& note : copied) {
    const double time = double((note.onset - copied[0].onset).value) * stretch;
    notes.push_back({begin + Ticks(std::int64_t(time + 0.5)), Ticks(60), std::uint8_t(note.pitch + semitones), 80});
  }
  const Ticks rest = piece.end() + Ticks(480);
  const Score after = random_piece(seed + 1000, 1, 30);
  for (const Note& note : after.tracks[0].notes) {
    notes.push_back(note);
    notes.back().onset = notes.back().onset + rest;
  }
  piece.sort();
  return piece;
}

TEST(Passages, ACopyOfTwelveNotes_InAnyKeyAtAnyTempo_IsFoundEachTime) {
  const Index index = index_of_random_pieces();
  Rng rng(9);
  for (int turn = 0; turn < 200; ++turn) {
    const std::size_t number = rng.below(kPieces), track = rng.below(2);
    const Score source = random_piece(number);
    const std::vector<Note> line = line_of(source.tracks[track]);
    const std::size_t begin = rng.below(line.size() - 12);
    const int semitones = int(rng.below(13)) - 6;
    const double stretch = 0.5 + rng.uniform() * 2;
    const Score piece = with_a_copy(std::span(line).subspan(begin, 12), semitones, stretch, 100 + std::uint64_t(turn));
    const Report report = find_passages(index, piece, 12);
    ASSERT_GE(report.sources.size(), 1u) << turn;
    const Passage& passage = report.sources[0].longest;
    EXPECT_EQ(report.sources[0].piece, number);
    EXPECT_GE(passage.notes, 12u);
    EXPECT_EQ(passage.source_track, track);
    EXPECT_EQ(passage.transposition, semitones);
    EXPECT_GT(passage.rhythm, 0.75);
    EXPECT_GE(report.shared_notes, 12u);
  }
}

TEST(Passages, UnrelatedPieces_ShareNone) {
  const Index index = index_of_random_pieces();
  for (std::uint64_t seed = 500; seed < 530; ++seed)
    EXPECT_EQ(find_passages(index, random_piece(seed), 10).longest(), 0u);
}

TEST(Passages, APieceOfTheIndex_IsSharedAsAWhole) {
  const Index index = index_of_random_pieces();
  const Score piece = random_piece(7);
  const Report report = find_passages(index, piece, 16);
  ASSERT_EQ(report.sources.size(), 1u);
  EXPECT_EQ(report.sources[0].piece, 7u);
  EXPECT_EQ(report.shared_notes, report.notes);
  EXPECT_EQ(report.sources[0].notes, report.notes);
  const Passage& passage = report.sources[0].longest;
  EXPECT_EQ(passage.transposition, 0);
  EXPECT_DOUBLE_EQ(passage.rhythm, 1);
  EXPECT_EQ(passage.first_bar, 1);
  EXPECT_EQ(passage.first_bar, passage.source_first_bar);
  EXPECT_EQ(passage.last_bar, passage.source_last_bar);
}

TEST(Passages, AnotherRhythm_IsSaid) {
  const Index index = index_of_random_pieces();
  Score piece = random_piece(7, 1);
  piece.tracks[0].notes = line_of(piece.tracks[0]);
  std::int64_t time = 0;
  for (std::size_t i = 0; i < piece.tracks[0].notes.size(); ++i)
    piece.tracks[0].notes[i].onset = Ticks(time += i < 60 ? 480 : 60);
  const Report report = find_passages(index, piece, 16);
  ASSERT_EQ(report.sources.size(), 1u);
  EXPECT_LT(report.sources[0].longest.rhythm, 0.8);
}

TEST(Passages, ALoop_IsSharedAsAWhole) {
  Score loop;
  loop.tracks.resize(1);
  constexpr std::uint8_t kTurn[] = {60, 64, 67, 71, 62, 65, 69, 74};
  for (int i = 0; i < 4000; ++i) loop.tracks[0].notes.push_back({Ticks(i * 240), Ticks(120), kTurn[i % 8], 80});
  IndexBuilder builder;
  ASSERT_TRUE(builder.add("loop", loop).ok());
  const Index index = Index::of_bytes(builder.bytes()).value();
  EXPECT_LT(index.hashes().size(), 200u);
  EXPECT_EQ(find_passages(index, loop, 16).longest(), 4000u);
}

TEST(Passages, ShorterThanAsked_AreLeftOut) {
  const Index index = index_of_random_pieces();
  const std::vector<Note> line = line_of(random_piece(2).tracks[0]);
  const Score piece = with_a_copy(std::span(line).subspan(20, 14), 0, 1, 77);
  EXPECT_GE(find_passages(index, piece, 14).longest(), 14u);
  EXPECT_EQ(find_passages(index, piece, 40).longest(), 0u);
  EXPECT_EQ(find_passages(index, piece, 40).shared_notes, 0u);
}

TEST(Passages, OfPiecesWithoutPitches_ThereAreNone) {
  const Index index = index_of_random_pieces();
  Score drums = random_piece(7);
  for (score::Track& track : drums.tracks) track.is_drum = true;
  EXPECT_EQ(find_passages(index, drums, 1).notes, 0u);
  EXPECT_EQ(find_passages(index, Score{}, 1).longest(), 0u);
}

}  // namespace
}  // namespace continuo::originality
