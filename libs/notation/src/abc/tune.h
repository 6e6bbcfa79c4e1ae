#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/notation/abc.h"
#include "continuo/score/score.h"

#include "../written/score.h"

// What the sources of the ABC reader share: a tune in the making, voice by voice and bar by bar.
namespace continuo::notation::abc {

// Lengths and offsets inside a bar, in parts of a whole note that the usual fractions divide exactly.
inline constexpr Units kUnitsPerWhole = 322560;  // 2^10 * 3^2 * 5 * 7
inline constexpr std::int32_t kTicksPerQuarter = 480;
static_assert(kUnitsPerWhole % (4 * kTicksPerQuarter) == 0);

// Against texts that are small and mean hours.
inline constexpr std::size_t kMaxMeasures = 20000;
inline constexpr std::size_t kMaxVoices = 64;
inline constexpr int kMaxNumber = 9999;

struct Place {
  int line = 0, column = 0;
};

std::string to_string(Place place);  // "line 12, column 3"

using written::Measure;
using written::Meter;

// The alterations decide pitches; a Score knows only the signature.
struct Key : written::Key {
  std::array<int, 7> alterations{};  // of C D E F G A B
};

struct ParsedNote {
  int pitch = 60;
  int staff_step = 0;  // letter and octave without the accidental
  int alteration = 0;
  Units duration = 0;
  bool is_tied = false;
};

// A note, a chord, or (without notes) a rest.
struct Element {
  Units offset = 0;
  Units duration = 0;
  std::vector<ParsedNote> notes;
  bool is_cue = false;  // takes its time, and syllables, and is not played
};

struct Tuplet {
  Units times = 1, in = 1;  // a length is multiplied by times / in
  int remaining = 0;
};

// The notes of a line of music, to which the w: fields after it belong, and how far the field at hand has come.
struct SungLine {
  struct Place {
    std::size_t measure;
    Units offset;
    bool is_cue;
  };
  int line = 0;                   // its number
  std::size_t first_measure = 0;  // in which it begins
  std::vector<Place> notes;
  int verse = 0;  // of the field at hand, 1 for the first
  std::size_t next_note = 0, measure = 0;
  std::optional<std::size_t> last_measure;  // which has the last syllable as its last
  bool is_continued = false;                // the field ended in a backslash
};

struct Voice {
  std::string id, name;
  bool is_cue = false;  // its notes are there to be read, not played: V: cue=on
  std::size_t cue_notes = 0;
  int program = 0;
  int transposition = 0;
  Key key;
  Meter meter;
  Units unit_length = kUnitsPerWhole / 8;
  std::vector<Measure> measures;  // the last one is still open while reading

  // How far the open measure has been read.
  Units cursor = 0;
  std::map<int, int> accidentals;  // by staff step, or by letter (see Tune::accidentals_hold)
  std::map<int, int> tied_alterations;
  std::vector<Tuplet> tuplets;
  Units broken_times = 1, broken_in = 1;  // what > and < leave for the next element

  // The last element of the open measure may still be changed by > < -.
  bool has_last = false;
  Element last;
  std::size_t first_note_of_last = 0;                     // in the open measure
  Units length_without_last = 0;                          // of the open measure
  std::vector<std::pair<char, std::size_t>> part_labels;  // of P: fields, with the measures that they come before
  bool is_overlay = false;                                // after "&", up to the end of the measure
  SungLine sung_line;

  Measure& open() { return measures.back(); }
  void add(Element element);
  // Writes the last element into the open measure again.
  void put_last();
  // A grace note, or a chord of them, before what is added next.
  void add_graces(std::span<const ParsedNote> chord);
  written::Note written(const ParsedNote& note, Units offset) const;
  // Begins a measure, unless the open one is still without length.
  void next_measure(std::string place);
};

struct Tune {
  enum class AccidentalsHold { nowhere, octave, all_octaves };
  std::string number, title;
  Place place;
  Key key;
  Meter meter;
  std::optional<Units> unit_length;
  std::string tempo_text;
  std::string part_order;  // a letter for each part that is played, as the header's P: says
  int transposition = 0;
  int program = 0;
  AccidentalsHold accidentals_hold = AccidentalsHold::octave;
  std::vector<Voice> voices;
  std::size_t current = 0;
  bool line_is_continued = false;  // the last line of music ended in a backslash
  char last_field = ' ';           // which "+:" continues

  Units unit() const;
  // Makes the voice current; creates it when new.
  Voice& select_voice(std::string_view id);
  // Its title, or its X: number.
  const std::string& name() const { return title.empty() ? number : title; }
  Voice& voice() { return voices.empty() ? select_voice("1") : voices[current]; }
};

// Problems of one tune, as the options want them.
class Log {
 public:
  Log(Diagnostics& diagnostics, bool strict) : diagnostics_(diagnostics), strict_(strict) {}
  void set_tune(std::string name) { tune_ = std::move(name); }
  // Strict: the Error. Tolerant: a diagnostic, and success.
  Status problem(Place place, std::string what);
  void note(DiagnosticKind kind, Place place, std::string what);
  bool strict() const { return strict_; }
  Diagnostics& diagnostics() { return diagnostics_; }
  // What has been read and left out, as abc.h says.
  std::size_t word_lines = 0;  // of W: fields
  std::size_t unsung_syllables = 0;
  std::size_t cue_notes = 0;

 private:
  Diagnostics& diagnostics_;
  bool strict_;
  std::string tune_;
};

Error error_at(Place place, std::string what, ErrorCode code = ErrorCode::malformed);

// Values of fields. Nothing where the text is not one.
std::optional<Key> parse_key(std::string_view text, const Key& previous);
std::optional<Meter> parse_meter(std::string_view text);
std::optional<Units> parse_unit_length(std::string_view text);
// Units: microseconds per quarter; 0 where the text has words alone.
std::optional<std::int32_t> parse_tempo(std::string_view text, Units unit_length);
// The letters that an order of parts plays (3.1.9): "A(BC)2" is "ABCBC".
std::optional<std::string> parse_part_order(std::string_view text);
// Semitones that octave=, transpose= and a clef's +8 or -8 ask for.
int parse_transposition(std::string_view text);

// A field that takes effect from here on: in the header before K: has been seen, else in the current voice.
Status apply_header_field(Tune& tune, char field, std::string_view value, Place place, Log& log);
Status apply_body_field(Tune& tune, char field, std::string_view value, Place place, Log& log);
void apply_directive(Tune& tune, std::string_view text);

// One line of music code into the tune's current voice. `text` begins at column 1.
Status parse_music(Tune& tune, std::string_view text, int line, Log& log);

// Puts a w: field below the notes of the last line of music (5.1), or continues the field before it.
void align_lyrics(Voice& voice, std::string_view text, bool continues, Log& log);

// The tune as it sounds. Errors: malformed, no_notes, too_large, with the tune's place.
Result<Piece> play(Tune tune, const AbcOptions& options, Log& log);

std::string_view trim(std::string_view text);
// As a name of a Score: of at most kLongestNameBytes.
std::string name_text(std::string_view text);

}  // namespace continuo::notation::abc
