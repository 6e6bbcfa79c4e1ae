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

#include "../written/dynamics.h"
#include "../written/score.h"

// What the sources of the MusicXML reader share: from elements to the measures of a written score.
namespace continuo::notation::musicxml {

inline constexpr std::size_t kMaxParts = 256;
inline constexpr std::size_t kMaxMeasures = 20000;
inline constexpr std::size_t kMaxInstruments = 512;  // of one part; what is beyond sounds like the first
inline constexpr Units kMaxMeasureQuarters = 20000;
inline constexpr Units kMaxUnitsPerQuarter = Units{1} << 30;

using written::At;
using written::Dynamic;
using written::Instrument;
using written::Key;
using written::Measure;
using written::Meter;
using written::Note;
using written::Part;
using written::Syllable;
using written::WrittenScore;

// Notes of a file before repeats are written out and ties joined.
struct NoteCounts {
  std::size_t written = 0;
  std::size_t grace = 0;
  std::size_t cue = 0, unsung_syllables = 0;  // left out; syllables are those of cue notes
};

// "measure 12".
std::string measure_place(const pugi::xml_node& frame);

// Where jumps are taken from.
enum class JumpSource { sounds, words_and_signs };

// A number at the front of a text ("120", " 98.5 ca."); nothing where there is none, or beyond a billion.
std::optional<double> number_in(std::string_view text);
std::string_view trim(std::string_view text);
// UTF-8 of at most kLongestNameBytes, without space around.
std::string clean_text(const char* text);

// `measure` is its place.
Error error_in(const Part& part, const std::string& measure, std::string what, ErrorCode code = ErrorCode::malformed);

// The instruments of a score-part; one that plays the piano where it names none.
std::vector<Instrument> read_instruments(const pugi::xml_node& score_part);
// What <midi-instrument> says about an instrument.
void apply_midi_instrument(const pugi::xml_node& midi_instrument, Instrument& instrument);
// The drum that is usually written at a place of a five-line staff.
int drum_pitch_at(int display_step_from_c4);
// Steps above C4 of a display-step and display-octave; the middle line where they are not given.
int display_steps(const pugi::xml_node& unpitched);

// The syllable of a <lyric>; nothing where it has no text, as for humming.
std::optional<Syllable> syllable_of(const pugi::xml_node& lyric);

// The name of a harmony, "" where it has no root; nothing else than its text is known where kind is not.
std::string harmony_name(const pugi::xml_node& harmony);

int velocity_of_percent(double percent);  // Range: 1 to 127

// Microseconds per quarter of a <metronome>, where it has a figure and a note value.
std::optional<std::int32_t> tempo_of_metronome(const pugi::xml_node& metronome);
std::optional<std::int32_t> tempo_of_bpm(double quarters_per_minute);

// Reads the measures of one part in their order.
class PartReader {
 public:
  PartReader(Part& part, Units units_per_quarter, int velocity, JumpSource jumps, NoteCounts& counts,
             Diagnostics& diagnostics)
      : part_(part),
        units_(units_per_quarter),
        level_(velocity),
        jumps_(jumps),
        counts_(counts),
        diagnostics_(diagnostics) {}
  // Those in force before the first measure gives any.
  void start_with_divisions(double divisions) { divisions_ = divisions; }
  // `frame` has the measure's attributes, `content` its elements. Errors: too_large.
  Status read(const pugi::xml_node& frame, const pugi::xml_node& content);

 private:
  void read_attributes(const pugi::xml_node& node);
  void read_key(const pugi::xml_node& node);
  void read_time(const pugi::xml_node& node);
  void read_transpose(const pugi::xml_node& node);
  void read_note(const pugi::xml_node& node);
  std::optional<Note> note_of(const pugi::xml_node& node, Units onset, Units duration);
  void add_grace_note(const pugi::xml_node& node);
  void leave_out_cue_note(const pugi::xml_node& node);
  void read_lyrics(const pugi::xml_node& note, Units onset);
  std::optional<int> pitch_of(const pugi::xml_node& node, const Instrument& instrument) const;
  void read_barline(const pugi::xml_node& node);
  void read_direction(const pugi::xml_node& node);
  void read_direction_type(const pugi::xml_node& type, Units offset);
  void read_pedal(const pugi::xml_node& node, Units offset);
  void read_words(std::string_view words, Units offset);
  void read_sound(const pugi::xml_node& node, Units offset);
  void read_sound_jumps(const pugi::xml_node& node);
  void read_harmony(const pugi::xml_node& node);
  void add_chord_symbol(std::string name, Units offset);
  void change_program(const pugi::xml_node& midi_instrument);
  std::uint32_t instrument_of(const pugi::xml_node& note) const;
  int transposition_of(const pugi::xml_node& note) const;
  Units units_of(const pugi::xml_node& node) const;
  Units offset_of(const pugi::xml_node& node, bool counts) const;
  std::optional<Units> bar_length() const;
  void advance(Units duration, bool is_silent);
  void rest_for_measure(Units duration);
  void skip(std::string what);

  Part& part_;
  Units units_;
  int level_;  // velocity in force
  JumpSource jumps_;
  NoteCounts& counts_;
  Diagnostics& diagnostics_;

  Measure measure_;
  double divisions_ = 1;
  std::optional<Key> key_;
  std::optional<Meter> meter_;
  std::map<int, int> transpositions_;  // by staff; 0 is for all
  std::map<std::string, std::uint32_t> voices_;
  std::map<std::string, std::uint32_t> current_instruments_;  // by id, where a program change replaced it
  std::vector<At<Dynamic>> dynamics_;
  Units cursor_ = 0, last_onset_ = 0, chord_end_ = 0;  // the cursor may be before the measure for a while
  Units shown_rest_ = 0;                               // the duration of a rest for the whole measure
  bool is_too_long_ = false;
};

}  // namespace continuo::notation::musicxml
