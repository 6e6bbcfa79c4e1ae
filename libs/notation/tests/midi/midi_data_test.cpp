// Sweeps over the data folder: what real files hold, whether they survive a round trip, and that broken ones do
// no harm.

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "continuo/base/file.h"
#include "continuo/notation/midi_reader.h"
#include "continuo/notation/midi_writer.h"

#include "../data_folder.h"

namespace continuo::notation {
namespace {

using score::Score;
using testing::data_folder;

std::vector<std::filesystem::path> midi_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::exists(folder)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".mid" || extension == ".midi" || extension == ".MID") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

// Where more than 15 pitched tracks share channels, their controls meet, and where several tracks share the drums'
// channel, the first of them sends what all hear, among its own notes. Everything else is kept.
bool survives(Score written, Score score) {
  const bool meet = std::ranges::count(score.tracks, false, &score::Track::is_drum) > 15;
  const bool share = std::ranges::count(score.tracks, true, &score::Track::is_drum) > 1;
  const auto forget_places = [](auto& events) {
    for (auto& event : events) event.place = score::TickPlace::between;
  };
  for (Score* each : {&written, &score}) {
    for (score::Track& track : each->tracks) {
      if (meet) track.controls.clear(), track.pitch_bends.clear(), track.pressures.clear();
      if (!share || !track.is_drum) continue;
      forget_places(track.controls), forget_places(track.pitch_bends), forget_places(track.pressures);
    }
  }
  return written == score;
}

struct Sweep {
  std::size_t files = 0;
  std::size_t notes = 0;
  std::size_t notes_without_length = 0;
  std::size_t defects = 0;
  std::size_t unequal = 0;
  std::map<std::string, int> errors;
};

Sweep sweep(const std::vector<std::filesystem::path>& files, bool with_round_trip) {
  Sweep sum;
  for (const std::filesystem::path& path : files) {
    const auto bytes = read_file(path);
    EXPECT_TRUE(bytes.ok());
    ++sum.files;
    midi::Diagnostics diagnostics;
    const Result<Score> score = read_midi(*bytes, {}, &diagnostics);
    if (!score.ok()) {
      EXPECT_EQ(score.error().to_line().find('\n'), std::string::npos);
      ++sum.errors[std::string(to_string(score.error().code))];
      continue;
    }
    sum.defects += diagnostics.count();
    for (const score::Track& track : score->tracks) {
      sum.notes += track.notes.size();
      sum.notes_without_length +=
          static_cast<std::size_t>(std::ranges::count(track.notes, score::Ticks(0), &score::Note::duration));
    }
    if (!with_round_trip) continue;
    const auto written = write_midi(*score);
    EXPECT_TRUE(written.ok()) << path;
    if (!survives(*read_midi(*written), *score)) {
      ++sum.unequal;
      ADD_FAILURE() << path << " changes in a round trip";
    }
  }
  return sum;
}

TEST(MidiData, Maestro_AllNotesAreRead) {
  const auto files = midi_files(data_folder() / "maestro-v3.0.0");
  if (files.empty()) GTEST_SKIP() << "no data folder: " << data_folder();
  const Sweep sum = sweep(files, false);
  EXPECT_EQ(sum.files, 1276U);
  EXPECT_EQ(sum.notes, 7040164U);
  EXPECT_TRUE(sum.errors.empty());
}

TEST(MidiData, Groove_AllNotesAreReadAndSurviveARoundTrip) {
  const auto files = midi_files(data_folder() / "groove");
  if (files.empty()) GTEST_SKIP() << "no data folder: " << data_folder();
  const Sweep sum = sweep(files, true);
  EXPECT_EQ(sum.files, 1150U);
  EXPECT_EQ(sum.notes, 446312U);
  EXPECT_TRUE(sum.errors.empty());
}

TEST(MidiData, Maestro_SurvivesARoundTrip) {
  auto files = midi_files(data_folder() / "maestro-v3.0.0");
  if (files.empty()) GTEST_SKIP() << "no data folder: " << data_folder();
  // Every tenth file, to stay within seconds; CONTINUO_DATA_ALL=1 takes all.
  std::vector<std::filesystem::path> sample;
  const std::size_t step = std::getenv("CONTINUO_DATA_ALL") != nullptr ? 1 : 10;
  for (std::size_t i = 0; i < files.size(); i += step) sample.push_back(files[i]);
  EXPECT_EQ(sweep(sample, true).unequal, 0U);
}

TEST(MidiData, OtherCollections_SurviveARoundTrip) {
  for (const char* name : {"freedoom", "pop909", "piano-midi-de", "nottingham"}) {
    auto files = midi_files(data_folder() / name);
    if (files.empty()) GTEST_SKIP() << "no data folder: " << data_folder();
    if (std::getenv("CONTINUO_DATA_ALL") == nullptr && files.size() > 150) files.resize(150);
    const Sweep sum = sweep(files, true);
    std::cout << name << ": " << sum.files << " files, " << sum.notes << " notes, " << sum.notes_without_length
              << " without length, " << sum.defects << " defects\n";
    EXPECT_TRUE(sum.errors.empty()) << name << ": " << sum.errors.begin()->first;
    EXPECT_EQ(sum.unequal, 0U) << name;
  }
}

TEST(MidiData, Odd_EveryFileIsMusicOrAnError) {
  const auto files = midi_files(data_folder() / "odd");
  if (files.empty()) GTEST_SKIP() << "no data folder: " << data_folder();
  const Sweep sum = sweep(files, true);
  EXPECT_GT(sum.files, 600U);
  std::cout << sum.files << " files, " << sum.notes << " notes, " << sum.defects << " defects read around\n";
  for (const auto& [code, count] : sum.errors) std::cout << "  " << code << ": " << count << "\n";
}

TEST(MidiData, Odd_SideEventsSurviveARoundTrip) {
  const auto files = midi_files(data_folder() / "odd");
  if (files.empty()) GTEST_SKIP() << "no data folder: " << data_folder();
  std::size_t events = 0;
  for (const std::filesystem::path& path : files) {
    const auto bytes = read_file(path);
    Diagnostics diagnostics;
    const auto pieces = read_midi_with_side_events(*bytes, diagnostics);
    ASSERT_EQ(pieces.ok(), read_midi_pieces(*bytes).ok()) << path;
    if (!pieces.ok()) continue;
    for (const Piece& piece : *pieces) {
      const auto once = write_midi(piece);
      ASSERT_TRUE(once.ok()) << path << once.error().to_line();
      const auto again = read_midi_with_side_events(*once, diagnostics);
      ASSERT_TRUE(again.ok()) << path;
      EXPECT_TRUE(survives(again->front().score, piece.score)) << path;
      EXPECT_TRUE(again->front().side_tracks == piece.side_tracks) << path;
      for (const SideTrack& track : piece.side_tracks) events += track.events.size();
    }
  }
  EXPECT_GT(events, 2000U);
}

}  // namespace
}  // namespace continuo::notation
