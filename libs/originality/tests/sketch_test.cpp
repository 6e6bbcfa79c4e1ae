#include "continuo/originality/sketch.h"

#include <gtest/gtest.h>

#include "continuo/base/rng.h"

namespace continuo::originality {
namespace {

using score::Ticks;

score::Score random_piece(std::uint64_t seed, std::size_t notes) {
  Rng rng(seed);
  score::Score piece;
  piece.tracks.resize(1);
  for (std::size_t i = 0; i < notes; ++i)
    piece.tracks[0].notes.push_back({Ticks(std::int64_t(i) * 240), Ticks(200), std::uint8_t(40 + rng.below(40)), 80});
  return piece;
}

Sketch sketch_of(const std::vector<score::Score>& pieces) {
  SketchBuilder builder;
  for (const score::Score& piece : pieces) builder.add(piece);
  return *Sketch::of_bytes(builder.bytes());
}

// `count` notes of the source from `from` on, in the midst of other notes, transposed and twice as slow.
score::Score with_copy(const score::Score& source, std::size_t from, std::size_t count, std::uint64_t seed) {
  score::Score piece = random_piece(seed, 100);
  auto& notes = piece.tracks[0].notes;
  for (std::size_t i = 0; i < count; ++i) {
    notes[30 + i].pitch = std::uint8_t(source.tracks[0].notes[from + i].pitch + 5);
    notes[30 + i].duration = Ticks(400);
  }
  for (auto& note : notes) note.onset = note.onset + note.onset;
  return piece;
}

TEST(Sketch, FindsACopyInAnotherKeyAndTempo) {
  const score::Score source = random_piece(1, 300);
  const Sketch sketch = sketch_of({source, random_piece(2, 300)});
  for (std::uint64_t seed = 3; seed < 103; ++seed) {
    const std::size_t count = kSurelyInSketch + seed % 30;
    const SketchReport report = find_passages(sketch, with_copy(source, seed, count, seed), 1);
    EXPECT_GE(report.longest + kMissedBySketch, count);
    EXPECT_LE(report.longest, count + 2);  // a note at either end may fit by chance
    EXPECT_EQ(report.shared_notes, report.longest);
    EXPECT_EQ(report.notes, 100U);
  }
}

TEST(Sketch, FindsNothingInOtherMusic) {
  const Sketch sketch = sketch_of({random_piece(1, 3000)});
  std::size_t shared = 0;
  for (std::uint64_t seed = 2; seed < 52; ++seed) shared += find_passages(sketch, random_piece(seed, 300), 1).longest;
  EXPECT_EQ(shared, 0U);
}

TEST(Sketch, LeavesOutWhatIsShorterThanAsked) {
  const score::Score source = random_piece(1, 300);
  const score::Score piece = with_copy(source, 10, 24, 5);
  EXPECT_GE(find_passages(sketch_of({source}), piece, 16).longest, 16U);
  EXPECT_EQ(find_passages(sketch_of({source}), piece, 40).longest, 0U);
}

TEST(Sketch, APieceIsWhollySharedWithItself) {
  const score::Score source = random_piece(1, 300);
  EXPECT_GE(find_passages(sketch_of({source}), source, 16).longest + kMissedBySketch, 300U);
}

TEST(Sketch, DoesNotDependOnTheOrderOfPieces) {
  SketchBuilder one, other;
  for (const std::uint64_t seed : {1, 2, 3}) one.add(random_piece(seed, 100));
  for (const std::uint64_t seed : {3, 2, 1}) other.add(random_piece(seed, 100));
  EXPECT_EQ(one.bytes(), other.bytes());
}

TEST(Sketch, RefusesWhatIsNone) {
  SketchBuilder builder;
  builder.add(random_piece(1, 100));
  auto bytes = builder.bytes();
  const auto code = [](std::span<const std::uint8_t> given) { return Sketch::of_bytes(given).error().code; };
  EXPECT_EQ(code(std::span(bytes).first(4)), ErrorCode::wrong_format);
  EXPECT_EQ(code(std::span(bytes).first(12)), ErrorCode::truncated);
  EXPECT_EQ(code(std::span(bytes).first(bytes.size() - 2)), ErrorCode::malformed);
  for (const std::size_t at : {std::size_t(8), std::size_t(16), std::size_t(24), bytes.size() - 1}) {
    bytes[at] ^= 0x10;
    EXPECT_EQ(code(bytes), ErrorCode::malformed) << at;
    bytes[at] ^= 0x10;
  }
  bytes[0] = 'X';
  EXPECT_EQ(code(bytes), ErrorCode::wrong_format);
}

}  // namespace
}  // namespace continuo::originality
