#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/notation/musicxml.h"

#include "../written/bar_layout.h"
#include "../written/repeats.h"

// What the parts of the MusicXML reader pass to each other: a score as it is written, part by part and measure by measure.
namespace continuo::notation::musicxml {

inline constexpr std::size_t kMaxParts = 256;
inline constexpr std::size_t kMaxMeasures = 20000;
inline constexpr std::size_t kMaxInstruments = 512;  // of one part; what is beyond sounds like the first
inline constexpr std::size_t kMaxPlayedNotes = 4'000'000;
inline constexpr Units kMaxMeasureQuarters = 20000;
inline constexpr Units kMaxUnitsPerQuarter = Units{1} << 30;

struct Instrument {
  std::string id;
  int program = 0;
  bool is_drum = false;
  std::optional<int> drum_pitch;  // of an unpitched note
  // Notes of the same part and group share a track.
  int group() const { return is_drum ? 128 : program; }
};

struct WrittenNote {
  Units offset = 0, duration = 0;
  std::uint8_t pitch = 60;
  bool starts_tie = false, stops_tie = false;
  bool has_own_velocity = false;
  std::uint8_t velocity = 80;
  std::uint32_t voice = 0;  // a number for its name
  std::uint32_t instrument = 0;
};

template <typename T>
struct At {
  Units offset;
  T value;
};

struct Key {
  int fifths = 0;
  bool is_minor = false;
  friend bool operator==(const Key&, const Key&) = default;
};

struct Meter {
  int numerator = 4, denominator = 4;
  bool is_free = false;
  bool is_compound() const { return denominator >= 8 && numerator > 3 && numerator % 3 == 0; }
};

struct Controller {
  std::uint8_t number, value;
};

// What one part has between two bar lines.
struct Measure {
  std::string number;
  bool is_implicit = false;
  Units length = 0;
  std::optional<Key> key;  // in force at its beginning
  std::optional<Meter> meter;
  Navigation navigation;
  std::vector<WrittenNote> notes;  // sorted by offset
  std::vector<At<Key>> keys;
  std::vector<At<std::int32_t>> tempos;
  std::vector<At<std::string>> chord_symbols;
  std::vector<At<std::string>> markers;
  std::vector<At<Controller>> controllers;
};

struct Part {
  std::string id, name;
  std::vector<Instrument> instruments;  // at least one; a program change adds another
  std::vector<Measure> measures;
};

struct WrittenScore {
  std::string title;
  Units units_per_quarter = 1;
  std::vector<Part> parts;
  std::size_t written_notes = 0, grace_notes = 0;
};

// "part P1, measure 12".
std::string place_in(const Part& part, std::string_view measure);

// Where jumps are taken from.
enum class JumpSource { sounds, words_and_signs };

// A number at the front of a text ("120", " 98.5 ca."); nothing where there is none, or beyond a billion.
std::optional<double> number_in(std::string_view text);
std::string_view trim(std::string_view text);
// UTF-8 of at most kLongestNameBytes, without space around.
std::string clean_text(const char* text);

Error error_in(const Part& part, std::string_view measure, std::string what, ErrorCode code = ErrorCode::malformed);

// The instruments of a score-part; one that plays the piano where it names none.
std::vector<Instrument> read_instruments(const pugi::xml_node& score_part);
// What <midi-instrument> says about an instrument.
void apply_midi_instrument(const pugi::xml_node& midi_instrument, Instrument& instrument);
// The drum that is usually written at a place of a five-line staff.
int drum_pitch_at(int display_step_from_c4);
// Steps above C4 of a display-step and display-octave; the middle line where they are not given.
int display_steps(const pugi::xml_node& unpitched);

// The name of a harmony, "" where it has no root; nothing else than its text is known where kind is not.
std::string harmony_name(const pugi::xml_node& harmony);

// Velocities of dynamics: what a mark does to the notes of its instant and to those that follow.
struct Dynamic {
  std::optional<int> attack;
  std::optional<int> level;
};
std::optional<Dynamic> dynamic_of_mark(std::string_view name);
int velocity_of_percent(double percent);  // Range: 1 to 127

// Microseconds per quarter of a <metronome>, where it has a figure and a note value.
std::optional<std::int32_t> tempo_of_metronome(const pugi::xml_node& metronome);
std::optional<std::int32_t> tempo_of_bpm(double quarters_per_minute);

// Reads the measures of one part in their order.
class PartReader {
 public:
  PartReader(WrittenScore& score, Part& part, Units units_per_quarter, int velocity, JumpSource jumps, Diagnostics& log)
      : score_(score), part_(part), units_(units_per_quarter), level_(velocity), jumps_(jumps), log_(log) {}
  // `frame` has the measure's attributes, `content` its elements. Errors: too_large.
  Status read(const pugi::xml_node& frame, const pugi::xml_node& content);

 private:
  void read_attributes(const pugi::xml_node& node);
  void read_key(const pugi::xml_node& node);
  void read_time(const pugi::xml_node& node);
  void read_transpose(const pugi::xml_node& node);
  void read_note(const pugi::xml_node& node);
  void add_note(const pugi::xml_node& node, Units onset, Units duration);
  std::optional<int> pitch_of(const pugi::xml_node& node, const Instrument& instrument) const;
  void read_barline(const pugi::xml_node& node);
  void read_direction(const pugi::xml_node& node);
  void read_direction_type(const pugi::xml_node& type, Units offset);
  void read_pedal(const pugi::xml_node& node, Units offset);
  void read_words(std::string_view words, Units offset);
  void read_sound(const pugi::xml_node& node, Units offset);
  void read_sound_jumps(const pugi::xml_node& node);
  void read_harmony(const pugi::xml_node& node);
  void change_program(const pugi::xml_node& midi_instrument);
  void set_velocities();
  std::uint32_t instrument_of(const pugi::xml_node& note) const;
  int transposition_of(const pugi::xml_node& note) const;
  Units units_of(const pugi::xml_node& node) const;
  Units offset_of(const pugi::xml_node& node, bool counts) const;
  void advance(Units duration);
  void skip(std::string what);

  WrittenScore& score_;
  Part& part_;
  Units units_;
  int level_;  // velocity in force
  JumpSource jumps_;
  Diagnostics& log_;

  Measure measure_;
  double divisions_ = 1;
  std::optional<Key> key_;
  std::optional<Meter> meter_;
  std::map<int, int> transpositions_;  // by staff; 0 is for all
  std::map<std::string, std::uint32_t> voices_;
  std::map<std::string, std::uint32_t> current_instruments_;  // by id, where a program change replaced it
  std::vector<At<Dynamic>> dynamics_;
  Units cursor_ = 0, last_onset_ = 0;
  bool is_too_long_ = false;
};

// Repeats, endings and jumps of all parts.
std::vector<Navigation> navigation_of(const WrittenScore& score);
// The measures of all parts as bars. What does not add up and is no part of a split bar gets a meter of its own.
std::vector<WrittenBar> bars_of(const WrittenScore& score, const std::vector<Navigation>& navigation, Diagnostics& log);
void report_odd_bars(const WrittenScore& score, const BarLayout& layout, const std::vector<WrittenBar>& bars,
                     Diagnostics& log);

// The written score as it sounds. Errors: malformed (nothing to play), too_large.
Result<score::Score> play(const WrittenScore& written, const MusicXmlOptions& options, Diagnostics& log);

}  // namespace continuo::notation::musicxml
