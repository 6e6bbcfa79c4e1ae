#include "../src/performing/pedalling.h"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace continuo::generate {
namespace {

using score::ControlChange;
using score::Note;
using score::Score;
using score::Ticks;

// 4/4 at 120 quarters a minute, 480 ticks a quarter.
Score piece_of(const std::vector<std::pair<int, std::vector<int>>>& beats) {
  Score piece;
  piece.ticks_per_quarter = 480;
  piece.tempos = {{Ticks(0), 500000}};
  piece.time_signatures = {{Ticks(0), 4, 4}};
  score::Track track;
  for (const auto& [beat, pitches] : beats)
    for (const int pitch : pitches) track.notes.push_back({Ticks(480 * beat), Ticks(480), std::uint8_t(pitch), 80});
  piece.tracks.push_back(track);
  return piece;
}

const std::vector<int> kC = {48, 60, 64, 67}, kG7 = {43, 59, 65, 67}, kF = {53, 57, 60, 65};

TEST(Pedalling, ChangesWithTheChordAndWithTheBar) {
  const Score piece = piece_of({{0, kC}, {1, kC}, {2, kG7}, {3, kG7}, {4, kC}, {5, kC}, {6, kC}, {7, kC}});
  const std::vector<PedalSpan> expected = {
      {Ticks(0), Ticks(960)}, {Ticks(960), Ticks(1920)}, {Ticks(1920), Ticks(3840)}};
  EXPECT_EQ(pedal_spans(piece), expected);
}

TEST(Pedalling, HearsABrokenChordAndNoScale) {
  Score piece = piece_of({{0, {48, 55}}, {1, {64, 55}}, {2, {60, 67}}, {3, {64, 55}}});
  EXPECT_EQ(pedal_spans(piece), (std::vector<PedalSpan>{{Ticks(0), Ticks(1920)}}));
  piece = piece_of({{0, {60}}, {1, {62}}, {2, {64}}, {3, {65}}, {4, {67}}, {5, {69}}, {6, {71}}, {7, {72}}});
  EXPECT_TRUE(pedal_spans(piece).empty());
}

TEST(Pedalling, RestsWhereThePieceDoes) {
  const Score piece = piece_of({{0, kF}, {1, kF}, {3, kF}, {4, kF}});
  const std::vector<PedalSpan> expected = {
      {Ticks(0), Ticks(960)}, {Ticks(1440), Ticks(1920)}, {Ticks(1920), Ticks(2400)}};
  EXPECT_EQ(pedal_spans(piece), expected);
}

TEST(Pedalling, GoesDownAfterTheNotesAndUpWithTheNext) {
  const Score piece = piece_of({{0, kC}, {1, kC}, {2, kG7}, {3, kG7}});
  Score played = piece;
  add_pedal(piece, played);
  const std::vector<ControlChange> expected = {
      {Ticks(58), 64, 127}, {Ticks(960), 64, 0}, {Ticks(1018), 64, 127}, {Ticks(1920), 64, 0}};
  EXPECT_EQ(played.tracks[0].controls, expected);
  EXPECT_EQ(played.tracks[0].notes, piece.tracks[0].notes);
}

TEST(Pedalling, LeavesOtherInstrumentsAndPedalsThatAreThere) {
  Score piece = piece_of({{0, kC}, {1, kC}, {2, kG7}, {3, kG7}});
  piece.tracks.push_back(piece.tracks[0]);
  piece.tracks.push_back(piece.tracks[0]);
  piece.tracks[0].program = 40;
  piece.tracks[1].controls = {{Ticks(5), 64, 127}, {Ticks(900), 64, 0}};
  piece.tracks[2].is_drum = true;
  Score played = piece;
  add_pedal(piece, played);
  EXPECT_EQ(played.tracks, piece.tracks);
}

}  // namespace
}  // namespace continuo::generate
