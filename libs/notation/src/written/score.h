#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bar_layout.h"
#include "repeats.h"

// Music as it is written, whatever the format: what ABC and MusicXML are parsed into, and what perform() plays.
namespace continuo::notation::written {

struct Key {
  int fifths = 0;
  bool is_minor = false;
  bool is_none = false;  // no signature, which a Score does not record
  friend bool operator==(const Key&, const Key&) = default;
};

struct Meter {
  int numerator = 4, denominator = 4;
  bool is_free = false;
  // `whole` is the length of a whole note.
  Units bar_length(Units whole) const { return whole * numerator / denominator; }
  Units beat_length(Units whole) const { return whole * (is_compound() ? 3 : 1) / denominator; }
  bool is_compound() const { return denominator >= 8 && numerator > 3 && numerator % 3 == 0; }
  friend bool operator==(const Meter&, const Meter&) = default;
};

struct Instrument {
  std::string id;
  int program = 0;
  bool is_drum = false;
  std::optional<int> drum_pitch;  // of an unpitched note
  // Notes of the same part and group share a track.
  int group() const { return is_drum ? 128 : program; }
};

struct Note {
  Units offset = 0, duration = 0;
  Units delay =
      0;  // how much later than `offset` it begins, unless it continues an earlier note; it ends when it would
  std::uint8_t pitch = 60;
  std::uint8_t velocity = 80;
  bool has_own_velocity = false;  // no accent is added
  bool is_grace = false;          // it continues no earlier note that it does not ask for
  bool starts_tie = false;
  bool stops_tie = false;        // it may be what an earlier note is tied to
  std::uint32_t voice = 0;       // a number for its name
  std::uint32_t instrument = 0;  // index in Part::instruments
};

// A note without a duration of its own, at the offset of the note that it leads to.
struct GraceNote {
  Note note;
  bool joins_chord = false;                  // with the grace note before it
  double of_previous = 0, of_following = 0;  // how much of the note before or after it takes. Range: 0 (as usual) to 1
  Units length = 0;                          // 0: as usual
};

// Text below a note, sung at its beginning.
struct Syllable {
  std::string text;
  bool ends_word = true;
  int verse = 1;
  std::uint32_t instrument = 0;  // that of the note
};

template <typename T>
struct At {
  Units offset;
  T value;
};

struct Controller {
  std::uint8_t number, value;
};

// What one part has between two bar lines.
struct Measure {
  std::string place;         // "measure 12", "line 6, column 3 (Title)"
  bool is_implicit = false;  // the format says that it completes a bar that another measure began
  Units length = 0;
  Units rest_length = 0;       // of a rest for the whole measure, which counts where nothing else has a length
  bool fills_bar = false;      // one of its voices ends where the bar of its meter does
  std::optional<Key> key;      // in force at its beginning
  std::optional<Meter> meter;  // the same
  Navigation navigation;
  std::vector<Note> notes;        // sorted by offset; what lasts beyond the bar line ends there
  std::vector<GraceNote> graces;  // in the order of play; those of place_grace_notes() are among the notes
  std::vector<At<Key>> keys;
  std::vector<At<std::int32_t>> tempos;  // microseconds per quarter
  std::vector<At<std::string>> chord_symbols;
  std::vector<At<std::string>> markers;
  std::vector<At<Syllable>> lyrics;
  std::vector<At<Controller>> controllers;
};

struct Part {
  std::string id;
  std::string name;                     // of its tracks
  std::string place;                    // "part P1" where places name it; may be empty
  std::vector<Instrument> instruments;  // at least one
  std::vector<Measure> measures;        // at least one
  std::vector<Section> sections;        // in the order of play; empty: all measures
  std::string place_of(const std::string& measure) const { return place.empty() ? measure : place + ", " + measure; }
};

// What the formats' standards decide differently. The defaults are those of scores that a program has engraved.
struct Conventions {
  std::int32_t ticks_per_quarter = 0;  // of the Score; 0: as many as make every length whole
  Units tie_slack = 0;                 // how far the end of a tied note may be from the beginning of the next
  // A part with fewer measures than others is silent at the end. Otherwise it is played in an order of its own.
  bool parts_share_measures = true;
  // The bracket of an ending that closes before the repeat sign that it needs lasts up to it.
  bool endings_last_to_repeat = true;
  // The meter of a part decides where its accents are, not that of the first part.
  bool parts_have_own_meter = false;
};

struct WrittenScore {
  std::string title;
  Units units_per_quarter = 1;
  std::optional<std::int32_t> tempo;  // from the beginning on, unless a measure gives another there
  Conventions conventions;
  std::vector<Part> parts;
};

}  // namespace continuo::notation::written
