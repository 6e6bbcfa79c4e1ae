#include "continuo/score/chord_names.h"

#include <algorithm>
#include <array>
#include <sstream>

#include <gtest/gtest.h>

#include "continuo/base/rng.h"

namespace continuo::score {
namespace {

std::string name(std::vector<std::uint8_t> pitches, int fifths = 0) { return chord_name(pitches, fifths); }

TEST(ChordName, TriadsAndSevenths) {
  EXPECT_EQ(name({60, 64, 67}), "C");
  EXPECT_EQ(name({57, 60, 64}), "Am");
  EXPECT_EQ(name({54, 57, 61, 64}), "F#m7");
  EXPECT_EQ(name({55, 59, 62, 65}), "G7");
  EXPECT_EQ(name({60, 64, 67, 71}), "Cmaj7");
  EXPECT_EQ(name({59, 62, 65}), "Bdim");
  EXPECT_EQ(name({59, 62, 65, 69}), "Bm7b5");
  EXPECT_EQ(name({60, 64, 68}), "Caug");
  EXPECT_EQ(name({60, 65, 67}), "Csus4");
  EXPECT_EQ(name({43, 62, 69, 71, 77}), "G9");
}

TEST(ChordName, OrderAndOctavesDoNotMatter) { EXPECT_EQ(name({91, 48, 64, 76, 60}), "C"); }

TEST(ChordName, InversionsNameTheBass) {
  EXPECT_EQ(name({64, 67, 72}), "C/E");
  EXPECT_EQ(name({59, 62, 65, 67}), "G7/B");
}

TEST(ChordName, TheLowestNoteIsTheRootWherePossible) {
  EXPECT_EQ(name({57, 60, 64, 67}), "Am7");
  EXPECT_EQ(name({60, 64, 67, 69}), "C6");
}

TEST(ChordName, SeventhMayLackItsFifth) { EXPECT_EQ(name({55, 59, 65}), "G7"); }

TEST(ChordName, FlatKeysSpellFlats) {
  EXPECT_EQ(name({58, 62, 65}), "A#");
  EXPECT_EQ(name({58, 62, 65}, -2), "Bb");
}

TEST(ChordName, NoChordHasNoName) {
  EXPECT_EQ(name({}), "");
  EXPECT_EQ(name({60}), "");
  EXPECT_EQ(name({60, 61, 62}), "");
}

void add(Score& score, int bar, std::vector<int> pitches) {
  for (const int pitch : pitches) {
    score.tracks[0].notes.push_back({Ticks(1920 * bar), Ticks(1920), static_cast<std::uint8_t>(pitch), 80});
  }
}

TEST(BarChords, OneNamePerBarInTheSpellingOfTheKey) {
  Score score;
  score.tracks.resize(1);
  score.key_signatures = {{Ticks(0), -2, false}};
  add(score, 0, {46, 58, 62, 65});
  add(score, 1, {43, 55, 58, 62});
  add(score, 2, {41, 57, 60, 63});
  add(score, 4, {60, 61, 62, 63, 64});
  score.tracks[0].notes.push_back({Ticks(0), Ticks(60), 64, 80});
  score.sort();
  const std::vector<std::string> chords = bar_chords(score, BarGrid(score));
  EXPECT_EQ(chords, (std::vector<std::string>{"Bb", "Gm", "F7", "", ""}));
}

TEST(BarChords, ANoteHeldOverManyBarsCountsInEach) {
  Score score;
  score.tracks.resize(1);
  for (const int pitch : {48, 64, 67}) {
    score.tracks[0].notes.push_back({Ticks(960), Ticks(1920 * 3), static_cast<std::uint8_t>(pitch), 80});
  }
  EXPECT_EQ(bar_chords(score, BarGrid(score)), (std::vector<std::string>{"C", "C", "C", "C"}));
}

// The kinds in the order of preference, written as the notes of the chord on C.
struct NamedKind {
  const char* suffix;
  const char* notes;
};
constexpr NamedKind kKindsOnC[] = {
    {"", "C E G"},         {"m", "C Eb G"},       {"7", "C E G Bb"},       {"m7", "C Eb G Bb"},
    {"maj7", "C E G B"},   {"dim", "C Eb Gb"},    {"aug", "C E G#"},       {"m7b5", "C Eb Gb Bb"},
    {"dim7", "C Eb Gb A"}, {"6", "C E G A"},      {"m6", "C Eb G A"},      {"sus4", "C F G"},
    {"sus2", "C D G"},     {"7sus4", "C F G Bb"}, {"m(maj7)", "C Eb G B"}, {"7#5", "C E G# Bb"},
    {"7b5", "C E Gb Bb"},  {"add9", "C D E G"},   {"m(add9)", "C D Eb G"}, {"9", "C D E G Bb"},
    {"m9", "C D Eb G Bb"}, {"maj9", "C D E G B"}, {"7b9", "C Db E G Bb"},  {"5", "C G"},
    {"7", "C E Bb"},       {"m7", "C Eb Bb"},     {"maj7", "C E B"},       {"9", "C D E Bb"},
    {"maj9", "C D E B"},   {"m9", "C D Eb Bb"},
};
const std::vector<std::string> kSharps = {"C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"};
const std::vector<std::string> kFlats = {"C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"};

unsigned pitch_class(const std::string& note) {
  const auto flat = std::find(kFlats.begin(), kFlats.end(), note);
  const auto found =
      flat != kFlats.end() ? flat - kFlats.begin() : std::find(kSharps.begin(), kSharps.end(), note) - kSharps.begin();
  return static_cast<unsigned>(found);
}

// The pitch classes of a kind on `root`, one bit each, in the order of the list.
std::vector<std::array<unsigned, 12>> all_masks() {
  std::vector<std::array<unsigned, 12>> masks;
  for (const NamedKind& kind : kKindsOnC) {
    auto& on_roots = masks.emplace_back();
    std::istringstream notes(kind.notes);
    for (std::string note; notes >> note;) {
      for (unsigned root = 0; root < 12; ++root) on_roots[root] |= 1U << ((pitch_class(note) + root) % 12);
    }
  }
  return masks;
}

// What chord_name() is documented to answer, by trying every kind on every root: first the bass as the root, then the
// first kind of the list on another note.
std::string expected_name(unsigned mask, unsigned bass, const std::vector<std::string>& names) {
  static const std::vector<std::array<unsigned, 12>> masks = all_masks();
  for (std::size_t kind = 0; kind < masks.size(); ++kind) {
    if (masks[kind][bass] == mask) return names[bass] + kKindsOnC[kind].suffix;
  }
  for (std::size_t kind = 0; kind < masks.size(); ++kind) {
    const auto root = std::find(masks[kind].begin(), masks[kind].end(), mask) - masks[kind].begin();
    if (root < 12) return names[std::size_t(root)] + kKindsOnC[kind].suffix + "/" + names[bass];
  }
  return "";
}

TEST(ChordName, EverySetOfNotesOverEveryBassIsNamedByTheList) {
  for (unsigned mask = 1; mask < 4096; ++mask) {
    for (unsigned bass = 0; bass < 12; ++bass) {
      if ((mask >> bass & 1) == 0) continue;
      std::vector<std::uint8_t> pitches;
      for (unsigned i = 0; i < 12; ++i) {
        if (mask >> i & 1) pitches.push_back(static_cast<std::uint8_t>(48 + i + (i < bass ? 12 : 0)));
      }
      ASSERT_EQ(name(pitches), expected_name(mask, bass, kSharps)) << "mask " << mask << ", bass " << bass;
      ASSERT_EQ(name(pitches, -1), expected_name(mask, bass, kFlats)) << "mask " << mask << ", bass " << bass;
    }
  }
}

// One bar, in which each note sounds for so many ticks.
std::string chord_of_bar(const std::string& notes_and_ticks) {
  Score score;
  score.tracks.resize(1);
  score.key_signatures = {{Ticks(0), -2, false}};
  std::istringstream words(notes_and_ticks);
  std::string note;
  for (int ticks = 0; words >> note >> ticks;) {
    score.tracks[0].notes.push_back({Ticks(0), Ticks(ticks), static_cast<std::uint8_t>(60 + pitch_class(note)), 80});
  }
  return bar_chords(score, BarGrid(score)).front();
}

// Bars near the point where another chord would win; what decides is in the third column.
TEST(BarChords, WeighsSoundAgainstNotesThatAreMissing) {
  struct Case {
    const char* notes;
    const char* chord;
    const char* why;
  };
  for (const Case& c : {
           Case{"C 100 E 100 G 100", "C", "all three notes"},
           Case{"F 350 Ab 300 Eb 200 A 200", "Fm7", "a missing fifth costs less than a foreign third"},
           Case{"C 600 E 600 G 100", "C", "7 % of the sound is enough for a note to be there"},
           Case{"C 600 E 600 G 50", "", "4 % of the sound is not, and two notes make no chord"},
           Case{"C 600 E 600", "", "two notes make no chord"},
           Case{"Db 100 E 900 G 300 B 100", "Em6", "the last kind of the list is tried"},
           Case{"C 100 Db 100 D 100 Eb 100 E 100 F 100 Gb 100", "", "nothing fits half way"},
           Case{"C 100 E 100 G 100 Bb 100", "C7", "four notes, all in the chord"},
           Case{"C 100 E 100 G 100 A 90", "C6", "the note that sounds longer is the root"},
           Case{"C 90 E 100 G 100 A 100", "Am7", "the note that sounds longer is the root"},
       }) {
    EXPECT_EQ(chord_of_bar(c.notes), c.chord) << c.notes << ": " << c.why;
  }
}

// A quarter in each bar for each pitch, one after the other; `overlap` ticks longer than a quarter.
std::vector<std::string> chords_of_melody(const std::vector<int>& pitches, int overlap,
                                          const Score& accompaniment = {}) {
  Score score = accompaniment;
  score.tracks.resize(score.tracks.size() + 1);
  for (std::size_t i = 0; i < pitches.size(); ++i) {
    score.tracks.back().notes.push_back(
        {Ticks(480 * static_cast<std::int64_t>(i)), Ticks(480 + overlap), static_cast<std::uint8_t>(pitches[i]), 80});
  }
  return bar_chords(score, BarGrid(score));
}

TEST(BarChords, ABareMelodyHasNone) {
  const std::vector<int> arpeggio = {60, 64, 67, 72, 62, 65, 69, 74};
  const std::vector<std::string> none = {"", ""};
  EXPECT_EQ(chords_of_melody(arpeggio, 0), none);
  EXPECT_EQ(chords_of_melody(arpeggio, -200), none);
  EXPECT_EQ(chords_of_melody(arpeggio, 80), (std::vector<std::string>{"", "", ""})) << "played legato";
  Score octaves;
  octaves.tracks.resize(1);
  for (std::size_t i = 0; i < arpeggio.size(); ++i) {
    octaves.tracks[0].notes.push_back(
        {Ticks(480 * static_cast<std::int64_t>(i)), Ticks(480), static_cast<std::uint8_t>(arpeggio[i] - 12), 80});
  }
  EXPECT_EQ(chords_of_melody(arpeggio, 0, octaves), none) << "played in octaves";
  Score drums = octaves;
  drums.tracks[0].is_drum = true;
  for (Note& note : drums.tracks[0].notes) note.pitch = 38;
  EXPECT_EQ(chords_of_melody(arpeggio, 0, drums), none) << "played with drums";
}

TEST(BarChords, AnArpeggioAboveABassHasOne) {
  Score bass;
  bass.tracks.resize(1);
  bass.tracks[0].notes = {{Ticks(0), Ticks(1920), 36, 80}, {Ticks(1920), Ticks(1920), 38, 80}};
  EXPECT_EQ(chords_of_melody({60, 64, 67, 64, 62, 65, 69, 65}, 0, bass), (std::vector<std::string>{"C", "Dm"}));
  EXPECT_EQ(chords_of_melody({60, 64, 64, 60, 60, 62, 60, 62}, 0, bass), (std::vector<std::string>{"", ""}))
      << "two pitch classes";
}

TEST(BarChords, AreSpelledByTheKeyThatIsHeardWhereNoneIsWritten) {
  Score score;
  score.tracks.resize(1);
  add(score, 0, {51, 63, 67, 70});
  add(score, 1, {56, 60, 63, 68});
  add(score, 2, {58, 62, 65, 68});
  add(score, 3, {51, 63, 67, 70});
  EXPECT_EQ(bar_chords(score, BarGrid(score)), (std::vector<std::string>{"Eb", "Ab", "Bb7", "Eb"}));
  score.key_signatures = {{Ticks(0), 4, false}};
  EXPECT_EQ(bar_chords(score, BarGrid(score)), (std::vector<std::string>{"D#", "G#", "A#7", "D#"}));
}

// A note that is held counts in each bar for as long as it sounds there, as if it were struck again at each bar line.
TEST(BarChords, HeldNotesCountAsIfTheyWereCutAtBarLines) {
  Rng rng(11);
  for (int round = 0; round < 50; ++round) {
    Score held;
    held.tracks.resize(2);
    held.tracks[1].is_drum = true;
    held.tracks[1].notes = {{Ticks(0), Ticks(30000), 61, 80}};
    held.time_signatures = {{Ticks(0), 3, 4}, {Ticks(4320), 4, 4}};
    for (int i = 0; i < 12; ++i) {
      held.tracks[0].notes.push_back({Ticks(static_cast<std::int64_t>(rng.below(9000))),
                                      Ticks(static_cast<std::int64_t>(rng.below(6000))),
                                      static_cast<std::uint8_t>(36 + rng.below(48)), 80});
    }
    const BarGrid grid(held);
    Score cut = held;
    cut.tracks[0].notes.clear();
    for (const Note& note : held.tracks[0].notes) {
      for (const Bar& bar : grid.bars()) {
        const Ticks begin = std::max(note.onset, bar.onset), end = std::min(note.end(), bar.end());
        if (begin < end) cut.tracks[0].notes.push_back({begin, end - begin, note.pitch, 80});
      }
    }
    EXPECT_EQ(bar_chords(held, grid), bar_chords(cut, grid)) << round;
  }
}

}  // namespace
}  // namespace continuo::score
