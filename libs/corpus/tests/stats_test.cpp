#include "continuo/corpus/stats.h"

#include <array>
#include <map>
#include <string>

#include "continuo/corpus/list_source.h"

#include "scratch_folder.h"

namespace continuo::corpus {
namespace {

using score::Score;
using score::Ticks;

// Ticks of 480 a quarter.
score::Note note(std::int64_t onset, std::int64_t duration, int pitch) {
  return {Ticks(onset), Ticks(duration), std::uint8_t(pitch), 80};
}

// 2 notes of program 5 and 3 of drums in 6 quarters: 3/4 and 6/8, at 60 and then 120 quarters a minute.
Score waltz() {
  Score score;
  score.tracks.resize(2);
  score.tracks[0].program = 5;
  score.tracks[0].notes = {note(0, 480, 50), note(480, 2400, 70)};
  score.tracks[1].is_drum = true;
  score.tracks[1].notes = {note(0, 10, 36), note(480, 10, 127), note(960, 10, 1)};
  score.tempos = {{Ticks(0), 1'000'000}, {Ticks(960), 500'000}};
  score.time_signatures = {{Ticks(0), 3, 4}, {Ticks(1440), 6, 8}};
  return score;
}

// A note of 8 quarters at 30 a minute; no meter given.
Score slow_note() {
  Score score;
  score.tracks.resize(1);
  score.tracks[0].notes = {note(0, 3840, 60)};
  score.tempos = {{Ticks(0), 2'000'000}};
  return score;
}

TEST(MusicStats, OfOnePiece) {
  MusicStats stats;
  stats.add(waltz());
  EXPECT_EQ(stats.pieces, 1u);
  EXPECT_EQ(stats.unusable, 0u);
  EXPECT_EQ(stats.notes, 5u);
  EXPECT_EQ(stats.drum_notes, 3u);
  EXPECT_DOUBLE_EQ(stats.seconds, 2 + 2);
  EXPECT_DOUBLE_EQ(stats.shortest_seconds, 4);
  EXPECT_DOUBLE_EQ(stats.longest_seconds, 4);
  EXPECT_EQ(stats.lowest_pitch, 50) << "drums have no pitch";
  EXPECT_EQ(stats.highest_pitch, 70);
  EXPECT_EQ(stats.programs[5], 2u);
  EXPECT_EQ(stats.programs[0], 0u);
  EXPECT_EQ(stats.meters, (std::map<std::string, std::uint64_t>{{"3/4", 1}, {"6/8", 1}}));
  EXPECT_DOUBLE_EQ(stats.slowest_bpm, 60);
  EXPECT_DOUBLE_EQ(stats.fastest_bpm, 120);
  EXPECT_DOUBLE_EQ(stats.mean_tempo_bpm(), 60) << "of the first tempo";
}

TEST(MusicStats, NothingGiven_FourFourAtATempoOf120) {
  MusicStats stats;
  EXPECT_EQ(stats.mean_tempo_bpm(), 0);
  Score score = slow_note();
  score.tempos.clear();
  stats.add(score);
  EXPECT_DOUBLE_EQ(stats.slowest_bpm, 120);
  EXPECT_DOUBLE_EQ(stats.fastest_bpm, 120);
  EXPECT_EQ(stats.meters, (std::map<std::string, std::uint64_t>{{"4/4", 1}}));
}

TEST(MusicStats, SumsAndExtremesInAnyOrder) {
  const Score pieces[] = {waltz(), slow_note(), Score{}};
  for (const auto& order : {std::array{0, 1, 2}, std::array{2, 1, 0}, std::array{1, 2, 0}}) {
    MusicStats by_pieces, by_parts;
    for (const int i : order) {
      MusicStats part;
      part.add(pieces[i]);
      part.tokens = std::uint64_t(10 + i);
      by_parts.add(part);
      by_pieces.add(pieces[i]);
    }
    EXPECT_EQ(by_parts.tokens, 33u);
    for (const MusicStats& stats : {by_pieces, by_parts}) {
      EXPECT_EQ(stats.pieces, 2u);
      EXPECT_EQ(stats.unusable, 1u);
      EXPECT_EQ(stats.notes, 6u);
      EXPECT_EQ(stats.drum_notes, 3u);
      EXPECT_DOUBLE_EQ(stats.seconds, 20);
      EXPECT_DOUBLE_EQ(stats.shortest_seconds, 4);
      EXPECT_DOUBLE_EQ(stats.longest_seconds, 16);
      EXPECT_EQ(stats.lowest_pitch, 50);
      EXPECT_EQ(stats.highest_pitch, 70);
      EXPECT_EQ(stats.programs[0], 1u);
      EXPECT_EQ(stats.programs[5], 2u);
      EXPECT_EQ(stats.meters, (std::map<std::string, std::uint64_t>{{"3/4", 1}, {"4/4", 1}, {"6/8", 1}}));
      EXPECT_DOUBLE_EQ(stats.slowest_bpm, 30);
      EXPECT_DOUBLE_EQ(stats.fastest_bpm, 120);
      EXPECT_DOUBLE_EQ(stats.mean_tempo_bpm(), (60 + 30) / 2.0);
    }
  }
}

class CollectStats : public ScratchFolder {
 protected:
  CollectionStats collected() const {
    ThreadPool threads(2);
    NoProgress progress;
    OrderedRun run(threads, progress);
    const auto listed = list_source(source());
    EXPECT_TRUE(listed.ok()) << listed.error().to_line();
    auto stats = collect_stats(*listed, run);
    EXPECT_TRUE(stats.ok()) << stats.error().to_line();
    return *std::move(stats);
  }
};

TEST_F(CollectStats, OfAFolder_BrokenFilesAndRejectsAreCounted) {
  write_pieces(3);
  write("broken.mid", "no MIDI");
  write("d.krn", "x");
  const CollectionStats stats = collected();
  EXPECT_EQ(stats.layout, "folder");
  EXPECT_EQ(stats.rejects, (std::map<std::string, std::uint64_t>{{"unsupported", 1}}));
  ASSERT_EQ(stats.parts.size(), 1u);
  EXPECT_EQ(stats.parts.at("all").pieces, 3u);
  EXPECT_EQ(stats.parts.at("all").unusable, 1u);
  EXPECT_EQ(stats.parts.at("all").notes, 60u);
}

TEST_F(CollectStats, OfSplits_EveryPieceOfAFileCounts) {
  write("Jsb16thSeparated.json",
        R"({"train": [[[60, 55, 52, 48]], [[72, 67, 64, 48]]], "valid": [[[61, 56, 53, 49]]], "test": []})");
  const CollectionStats stats = collected();
  EXPECT_EQ(stats.parts.at("train").pieces, 2u);
  EXPECT_EQ(stats.parts.at("train").notes, 8u);
  EXPECT_EQ(stats.parts.at("validation").pieces, 1u);
  EXPECT_EQ(stats.parts.at("test").pieces, 0u);
  EXPECT_EQ(stats.parts.at("test").unusable, 1u);
}

}  // namespace
}  // namespace continuo::corpus
