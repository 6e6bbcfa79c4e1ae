#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "continuo/base/token_id.h"
#include "continuo/score/chord.h"
#include "continuo/score/score.h"

namespace continuo::tokens {

class BeatWords;

// A track as tokens name it: its instrument, and which of the tracks of that instrument it is.
struct TrackName {
  static constexpr int kDrums = 128, kParts = 8;
  int program = 0;  // Range: 0 to 127, or kDrums
  int part = 0;     // Range: 0 to 7
  friend bool operator==(const TrackName&, const TrackName&) = default;
};

// What one track plays in one bar: the tokens after its name.
struct TrackCell {
  TrackName track;
  std::vector<TokenId> notes;
};

// One bar: its head (the bar line, and what is set there: meter, tempo, key), then the tracks that play in it.
struct CellBar {
  std::vector<TokenId> head;
  std::vector<TrackCell> cells;

  // Null where the track is silent.
  const TrackCell* find(TrackName track) const;
};

// Those that play in any of the bars, in the order in which they come.
std::vector<TrackName> tracks_of(std::span<const CellBar> bars);

// The words of a tokenisation whose pieces are bars of cells, and the task words that such a tokenisation has besides.
//
// A task shows a causal model music in another order than that of the piece, so that all that is given comes before
// what is asked for: within a bar, tracks that are given before tracks that are asked; and bars that follow a gap,
// ahead of everything. Task words mark this for the model. They are no music: the grammar never allows them, and they
// change nothing for a length meter.
//   Ahead_Start, Ahead_End   around bars that follow the last bar of the sequence
//   Left_n                   after a bar's head: so many bars follow this one until the gap, or the piece, ends
//   Silent                   after the name of an asked track: it does not play in this bar
//   Density_n, Voices_n      after the name of an asked track: how much it plays in this bar (attributes())
//   Chord_C ..., Chord_None  where the tokenisation has chords: after the given tracks of a bar, the chord that its
//                            notes make; for each half of the bar with Chord_Half between the two
// Immutable and thread-safe.
class TrackCells {
 public:
  // Requires: words with parts, which outlive it.
  explicit TrackCells(const BeatWords& words);

  enum class Role : std::uint8_t {
    kNone,  // special words
    kHead,  // begins a bar, or sets its meter, tempo or key
    kName,  // names the track of a cell
    kNote,  // a part of a note, or its place in the bar
    kTask
  };
  Role role(TokenId token) const { return roles_[std::size_t(token)]; }

  // The bars of a piece or of a part of it. Left out: special and task words; what comes before the first bar line,
  // and a cell whose name does. Requires: ids of the vocabulary.
  std::vector<CellBar> bars(std::span<const TokenId> tokens) const;

  // The bar line and the meter of a head: one that changes neither tempo nor key.
  std::vector<TokenId> plain_head(std::span<const TokenId> head) const;
  // What encode() names each track of a piece; nothing for those without notes.
  std::vector<std::optional<TrackName>> names(const score::Score& score) const;
  // The MIDI key that a pitch word, of drums or not, strikes; nothing for other words.
  std::optional<int> pitch(TokenId token) const;
  // The words of those keys, each with its key; of drums or of the others.
  struct PitchWords {
    TokenId first = 0;
    int count = 0, lowest = 0;  // word first + i strikes the key lowest + i
  };
  PitchWords pitch_words(bool drums) const {
    return drums ? PitchWords{drums_.first, drums_.count, lowest_drum_}
                 : PitchWords{pitches_.first, pitches_.count, lowest_pitch_};
  }
  // A place in the bar: what follows begins there.
  bool is_position(TokenId token) const { return positions_.has(token); }
  // How many places after the bar line. Requires: a position.
  int place(TokenId position) const { return position - positions_.first; }
  // Of a bar of this head; of one of the usual meter where it is empty. Places of long beats can be further apart than
  // a quarter, which gives 0.
  int places_per_quarter(std::span<const TokenId> head) const;
  // The time signatures that have words: "3/4, 4/4".
  const std::string& meters() const { return meter_list_; }
  // Whether notes have their own loudness.
  bool has_velocities() const { return has_velocities_; }

  void append_name(TrackName track, std::vector<TokenId>& tokens) const;
  TokenId ahead_start() const { return task_ + 0; }
  TokenId ahead_end() const { return task_ + 1; }
  TokenId silent() const { return task_ + 2; }
  // Nothing for more bars than there are words.
  std::optional<TokenId> left(std::size_t bars) const;

  // How much a track plays in a bar. Notes: 0 to 7 for at most 1, 2, 4, 6, 9, 14, 20 and more; voices: the most that
  // begin at once, 1 to 4 and more.
  struct Attributes {
    int density = 0;
    int voices = 1;
    friend bool operator==(const Attributes&, const Attributes&) = default;
  };
  static constexpr int kDensities = 8, kMostVoices = 5;
  Attributes attributes(const TrackCell& cell) const;
  // Of so many notes in a bar. Requires: notes >= 1.
  static int density_of(int notes);
  // How many notes a density stands for. The last has no most.
  struct NoteCount {
    int least = 1, most = 1;
  };
  static NoteCount notes_of(int density);
  TokenId density(int density) const { return first_density_ + density; }
  TokenId voices(int voices) const { return first_density_ + kDensities + voices - 1; }

  // Whether there are words for chords.
  bool has_chords() const { return chords_.count > 0; }
  bool is_chord(TokenId token) const { return chords_.has(token); }
  // Between the chords of two halves. Requires: has_chords(), as the next.
  TokenId chord_half() const;
  // The words of chords, and that of no chord, each with its meaning.
  std::vector<std::pair<TokenId, std::optional<score::Chord>>> chord_words() const;
  // The chords of a bar by the notes that begin in it (score::best_chord): one, or one for each half where they differ
  // and explain it better.
  score::BarChords chords(const CellBar& bar) const;
  // Whether a bar of this head has two halves of whole beats.
  bool has_halves(std::span<const TokenId> head) const;
  // Requires: has_chords(); one or two chords.
  void append_chords(const score::BarChords& chords, std::vector<TokenId>& tokens) const;

 private:
  struct Ids {
    TokenId first = 0;
    int count = 0;
    bool has(TokenId token) const { return token >= first && token < first + count; }
  };
  int meter_of(std::span<const TokenId> head) const;  // an index of the words

  const BeatWords* words_;
  std::vector<Role> roles_;  // by token
  Ids bars_, meters_, programs_, parts_, pitches_, drums_, positions_, chords_;
  TokenId task_ = 0, first_density_ = 0;
  int lowest_pitch_ = 0, lowest_drum_ = 0;
  bool has_velocities_ = false;
  std::string meter_list_;
};

}  // namespace continuo::tokens
