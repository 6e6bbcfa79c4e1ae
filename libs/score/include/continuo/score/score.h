#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "continuo/score/tempo_map.h"
#include "continuo/score/time.h"

namespace continuo::score {

// Pitch is the MIDI key number (60 is middle C). Range: pitch 0-127, velocity 1-127, duration >= 0.
struct Note {
  // What MIDI takes where no release velocity is given. Source: MIDI 1.0, note off.
  static constexpr std::uint8_t kPlainRelease = 64;
  Ticks onset;
  Ticks duration;
  std::uint8_t pitch = 60;
  std::uint8_t velocity = 80;
  std::uint8_t release_velocity = kPlainRelease;  // how fast the key goes up. Range: 0-127
  Ticks end() const { return onset + duration; }
  // Whether a release velocity is given. Many files have 0 at every note, which gives none either.
  bool has_release_velocity() const { return release_velocity != kPlainRelease && release_velocity != 0; }
  friend auto operator<=>(const Note&, const Note&) = default;
};

// When an event happens among the notes of its track that end and begin in its tick. A pedal that goes down before the
// ends of its tick holds the notes that end there, one that goes down between does not.
enum class TickPlace : std::int8_t { before_ends = -1, between, after_onsets };

// Source: MIDI 1.0, control change; 64 is the sustain pedal, 66 sostenuto, 67 soft. Range: 0-127 each.
struct ControlChange {
  Ticks onset;
  std::uint8_t controller = 0;
  std::uint8_t value = 0;
  TickPlace place = TickPlace::between;
  friend bool operator==(const ControlChange&, const ControlChange&) = default;
};

// Range: value -8192 to 8191, 0 is centre.
struct PitchBend {
  Ticks onset;
  std::int16_t value = 0;
  TickPlace place = TickPlace::between;
  friend bool operator==(const PitchBend&, const PitchBend&) = default;
};

// How hard keys are pressed while they are held: one of them, or whichever are down. Source: MIDI 1.0, polyphonic key
// pressure and channel pressure. Range: value 0-127; key 0-127, or kAllKeys.
struct Pressure {
  static constexpr std::int16_t kAllKeys = -1;
  Ticks onset;
  std::int16_t key = kAllKeys;
  std::int16_t value = 0;
  TickPlace place = TickPlace::between;
  friend bool operator==(const Pressure&, const Pressure&) = default;
};

// One instrument's part. Range: program 0-127 (General MIDI less one); drums have is_drum and program 0 or a
// kit.
struct Track {
  std::string name;
  std::uint8_t program = 0;
  bool is_drum = false;
  std::vector<Note> notes;              // sorted by onset, then pitch, then duration, once sort() has been called
  std::vector<ControlChange> controls;  // sorted by onset, then place, as are the next two
  std::vector<PitchBend> pitch_bends;
  std::vector<Pressure> pressures;
  friend bool operator==(const Track&, const Track&) = default;
};

// Range: numerator 1-255; denominator a power of two, 1-128.
struct TimeSignature {
  Ticks onset;
  int numerator = 4;
  int denominator = 4;
  // Requires: ticks_per_quarter > 0. A bar's length, at least one tick.
  Ticks bar_length(std::int32_t ticks_per_quarter) const {
    return Ticks(std::max<std::int64_t>(1, std::int64_t{4} * ticks_per_quarter * numerator / denominator));
  }
  friend bool operator==(const TimeSignature&, const TimeSignature&) = default;
};

// A bar that is shorter or longer than the time signature in force says. Range: length > 0.
struct IrregularBar {
  Ticks onset;
  Ticks length;
  Ticks end() const { return onset + length; }
  friend bool operator==(const IrregularBar&, const IrregularBar&) = default;
};

// Range: fifths -7 (seven flats) to 7 (seven sharps). mode as in ABC: other modes than minor show as their
// signature.
struct KeySignature {
  Ticks onset;
  int fifths = 0;
  bool is_minor = false;
  // "C major", "F# minor" ...
  std::string name() const;
  friend bool operator==(const KeySignature&, const KeySignature&) = default;
};

// The signature in force at `time`, 0 before the first. Requires: keys sorted by onset.
int fifths_at(const std::vector<KeySignature>& keys, Ticks time);

// A chord named above the staff, as written ("Am7", "G/B").
struct ChordSymbol {
  Ticks onset;
  std::string text;
  friend bool operator==(const ChordSymbol&, const ChordSymbol&) = default;
};

// A rehearsal mark, marker or section name.
struct Marker {
  Ticks onset;
  std::string text;
  friend bool operator==(const Marker&, const Marker&) = default;
};

// A piece of music: what every reader makes, every writer takes, and every tokenisation encodes. A value type;
// a copy copies all notes.
struct Score {
  std::string title;
  std::int32_t ticks_per_quarter = 480;
  std::vector<Track> tracks;
  std::vector<Tempo> tempos;                   // sorted by onset, as are the next five
  std::vector<TimeSignature> time_signatures;  // empty where none is given: 4/4 holds
  std::vector<IrregularBar> irregular_bars;    // those that are not as long as their meter says
  std::vector<KeySignature> key_signatures;
  std::vector<ChordSymbol> chord_symbols;
  std::vector<Marker> markers;

  TempoMap tempo_map() const { return TempoMap(ticks_per_quarter, tempos); }
  std::size_t note_count() const;
  // The end of the last note; 0 without notes.
  Ticks end() const;
  Seconds duration() const { return tempo_map().to_seconds(end()); }
  // Puts every list into its documented order (stable).
  void sort();
  friend bool operator==(const Score&, const Score&) = default;
};

}  // namespace continuo::score
