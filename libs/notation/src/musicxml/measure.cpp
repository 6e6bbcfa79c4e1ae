#include <algorithm>
#include <cmath>

#include "continuo/notation/midi_reader.h"

#include "../text_encoding.h"
#include "../written/chord_symbols.h"
#include "../written/grace_notes.h"
#include "score.h"

namespace continuo::notation::musicxml {
namespace {

constexpr double kMostQuarters = 1e6;  // of one note; what is longer is broken

// A meter's beats, which may be a sum ("3+2").
std::optional<int> sum_in(std::string_view text) {
  int sum = 0;
  while (!text.empty()) {
    const std::size_t plus = std::min(text.find('+'), text.size());
    const auto number = number_in(text.substr(0, plus));
    if (!number || *number < 1 || *number > 255) return std::nullopt;
    sum += static_cast<int>(*number);
    text.remove_prefix(std::min(plus + 1, text.size()));
  }
  return sum;
}

// A meter of several pairs (3/8 + 2/4) is one over the finest of their denominators.
std::optional<Meter> meter_of(const pugi::xml_node& time) {
  if (time.child("senza-misura")) return Meter{4, 4, true};
  Meter meter{0, 1, false};
  for (pugi::xml_node beats = time.child("beats"); beats; beats = beats.next_sibling("beats")) {
    const auto count = sum_in(trim(beats.text().get()));
    const auto unit = number_in(beats.next_sibling("beat-type").text().get());
    if (!count || !unit || *unit < 1 || *unit > 128) return std::nullopt;
    const int denominator = static_cast<int>(*unit);
    if ((denominator & (denominator - 1)) != 0) return std::nullopt;
    const int common = std::max(meter.denominator, denominator);
    meter.numerator = meter.numerator * (common / meter.denominator) + *count * (common / denominator);
    meter.denominator = common;
    if (meter.numerator > 255) return std::nullopt;
  }
  if (meter.numerator == 0) return std::nullopt;
  return meter;
}

// The signature that sounds when a part sounds `semitones` above what is written; enharmonically, no more than 6
// sharps.
int transposed_fifths(int fifths, int semitones) {
  if (semitones % 12 == 0) return fifths;
  const int moved = ((fifths + 7 * semitones) % 12 + 12) % 12;
  return moved > 6 ? moved - 12 : moved;
}

// "1, 2", "1-3", "1.": the passes that an ending is for.
std::vector<int> passes_in(std::string_view text) {
  constexpr int kMostPasses = 99;
  std::vector<int> passes;
  int number = 0, range_from = 0;
  const auto finish = [&] {
    const int first = range_from > 0 ? range_from : number;
    for (int pass = first; number > 0 && pass <= number; ++pass) passes.push_back(pass);
    number = range_from = 0;
  };
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      number = std::min(number * 10 + (c - '0'), kMostPasses);
    } else if (c == '-' && number > 0) {
      range_from = std::exchange(number, 0);
    } else {
      finish();
    }
  }
  finish();
  std::sort(passes.begin(), passes.end());
  passes.erase(std::unique(passes.begin(), passes.end()), passes.end());
  return passes;
}

std::size_t count_syllables(const pugi::xml_node& note) {
  const auto lyrics = note.children("lyric");
  return static_cast<std::size_t>(
      std::count_if(lyrics.begin(), lyrics.end(), [](const auto& lyric) { return syllable_of(lyric).has_value(); }));
}

}  // namespace

Status PartReader::read(const pugi::xml_node& frame, const pugi::xml_node& content) {
  measure_ = {};
  measure_.place = measure_place(frame);
  measure_.is_implicit = std::string_view(frame.attribute("implicit").value()) == "yes";
  measure_.key = key_;
  dynamics_.clear();
  cursor_ = last_onset_ = shown_rest_ = 0;
  for (const pugi::xml_node& node : content.children()) {
    const std::string_view name = node.name();
    if (name == "note") read_note(node);
    if (name == "backup") cursor_ = std::max(-kMaxMeasureQuarters * units_, cursor_ - units_of(node));
    if (name == "forward") advance(units_of(node), true);
    if (name == "attributes") read_attributes(node);
    if (name == "direction") read_direction(node);
    if (name == "sound") read_sound(node, offset_of(node, true));
    if (name == "harmony") read_harmony(node);
    if (name == "barline") read_barline(node);
    if (is_too_long_) return error_in(part_, measure_.place, "the measure is too long", ErrorCode::too_large);
  }
  measure_.meter = meter_;
  // A rest for the whole measure shows how long its part is, unless the measure completes a bar.
  if (measure_.length > 0 && !measure_.is_implicit) measure_.length = std::max(measure_.length, shown_rest_);
  written::place_grace_notes(measure_, units_);
  written::apply_dynamics(measure_.notes, dynamics_, level_);
  part_.measures.push_back(std::move(measure_));
  return {};
}

void PartReader::skip(std::string what) {
  diagnostics_.add_once(DiagnosticKind::skipped, part_.place_of(measure_.place), std::move(what));
}

Units PartReader::units_of(const pugi::xml_node& node) const {
  const auto duration = number_in(node.child("duration").text().get());
  if (!duration || *duration <= 0 || *duration / divisions_ > kMostQuarters) return 0;
  return std::max(Units{1}, Units{std::llround(*duration / divisions_ * static_cast<double>(units_))});
}

// The place of something that may have an <offset>, if that counts.
Units PartReader::offset_of(const pugi::xml_node& node, bool counts) const {
  const pugi::xml_node child = node.child("offset");
  const auto offset = number_in(child.text().get());
  const bool is_sound = std::string_view(child.attribute("sound").value()) == "yes";
  if (!offset || !(counts || is_sound) || std::abs(*offset / divisions_) > kMostQuarters)
    return std::max(Units{0}, cursor_);
  return std::clamp<Units>(cursor_ + std::llround(*offset / divisions_ * static_cast<double>(units_)), 0,
                           kMaxMeasureQuarters * units_);
}

// Of the meter in force.
std::optional<Units> PartReader::bar_length() const {
  if (!meter_ || meter_->is_free) return std::nullopt;
  return meter_->bar_length(4 * units_);
}

// Silence that lasts beyond the bar line does not make the measure longer than a bar.
void PartReader::advance(Units duration, bool is_silent) {
  cursor_ += duration;
  const std::optional<Units> bar = bar_length();
  measure_.length = std::max(measure_.length, is_silent && bar ? std::min(cursor_, *bar) : cursor_);
  measure_.fills_bar |= cursor_ == bar;
  is_too_long_ |= cursor_ > kMaxMeasureQuarters * units_;
}

// It lasts its bar, whatever its duration, and makes the measures of other parts no longer.
void PartReader::rest_for_measure(Units duration) {
  const Units bar = bar_length().value_or(duration);
  shown_rest_ = std::max(shown_rest_, std::min(duration, bar));
  measure_.rest_length = std::max(measure_.rest_length, measure_.is_implicit ? shown_rest_ : bar);
  cursor_ += measure_.rest_length;
}

void PartReader::read_attributes(const pugi::xml_node& node) {
  for (const pugi::xml_node& child : node.children()) {
    const std::string_view name = child.name();
    if (name == "divisions") {
      const auto divisions = number_in(child.text().get());
      if (divisions && *divisions >= 1e-3) divisions_ = *divisions;
      if (!divisions || *divisions < 1e-3) skip("divisions that are no positive number");
    }
    if (name == "key") read_key(child);
    if (name == "time") read_time(child);
    if (name == "transpose") read_transpose(child);
  }
  if (key_ && cursor_ <= 0) measure_.key = key_;
}

void PartReader::read_key(const pugi::xml_node& node) {
  if (node.attribute("number").as_int(1) != 1) return;
  const auto fifths = number_in(node.child("fifths").text().get());
  if (!fifths || std::abs(*fifths) > 7) return skip("a key that is not one of -7 to 7 fifths");
  const std::string_view mode = trim(node.child("mode").text().get());
  // Transpositions follow keys, in the same attributes.
  int semitones = transpositions_.empty() ? 0 : transpositions_.begin()->second;
  if (const auto chromatic = number_in(node.parent().child("transpose").child("chromatic").text().get()))
    semitones = static_cast<int>(std::clamp(*chromatic, -120.0, 120.0));
  key_ = Key{transposed_fifths(static_cast<int>(*fifths), semitones), mode == "minor"};
  if (cursor_ > 0) measure_.keys.push_back({cursor_, *key_});
}

void PartReader::read_time(const pugi::xml_node& node) {
  if (node.attribute("number").as_int(1) != 1) return;
  const auto meter = meter_of(node);
  if (!meter) return skip("a time signature that is none");
  meter_ = meter;
}

void PartReader::read_transpose(const pugi::xml_node& node) {
  const double chromatic = number_in(node.child("chromatic").text().get()).value_or(0);
  const double octaves = number_in(node.child("octave-change").text().get()).value_or(0);
  const double semitones = std::clamp(chromatic + 12 * octaves, -120.0, 120.0);
  const int staff = node.attribute("number").as_int(0);
  if (staff == 0) transpositions_.clear();
  transpositions_[staff] = static_cast<int>(std::floor(semitones + 0.5));
}

int PartReader::transposition_of(const pugi::xml_node& note) const {
  if (transpositions_.empty()) return 0;
  auto found = transpositions_.find(note.child("staff").text().as_int(1));
  if (found == transpositions_.end()) found = transpositions_.find(0);
  return found != transpositions_.end() ? found->second : 0;
}

void PartReader::read_note(const pugi::xml_node& node) {
  if (node.child("grace")) return add_grace_note(node);
  const Units duration = units_of(node);
  const bool joins_chord = static_cast<bool>(node.child("chord"));
  const Units onset = std::max(Units{0}, joins_chord ? last_onset_ : cursor_);
  const pugi::xml_node rest = node.child("rest");
  if (!joins_chord) {
    last_onset_ = cursor_;
    chord_end_ = onset + duration;
    if (std::string_view(rest.attribute("measure").value()) == "yes")
      rest_for_measure(duration);
    else
      advance(duration, static_cast<bool>(rest));
  }
  if (node.child("cue")) return leave_out_cue_note(node);
  read_lyrics(node, onset);
  if (rest) return;
  if (duration == 0) return skip("a note without a duration");
  std::optional<Note> note = note_of(node, onset, duration);
  if (!note) return;
  ++counts_.written;
  // A chord sounds as long as its first note; a shorter note of it that is tied on has no gap before its other end.
  if (joins_chord && note->starts_tie) note->duration = std::max(duration, chord_end_ - onset);
  measure_.notes.push_back(*note);
}

void PartReader::leave_out_cue_note(const pugi::xml_node& node) {
  counts_.cue += node.child("rest") ? 0 : 1;
  counts_.unsung_syllables += count_syllables(node);
}

void PartReader::add_grace_note(const pugi::xml_node& node) {
  if (node.child("cue")) return leave_out_cue_note(node);
  const Units onset = std::max(Units{0}, cursor_);
  read_lyrics(node, onset);
  if (node.child("rest")) return;
  const std::optional<Note> note = note_of(node, onset, 0);
  if (!note) return;
  ++counts_.grace;
  const pugi::xml_node grace = node.child("grace");
  const auto share = [&](const char* name) {
    return std::clamp(number_in(grace.attribute(name).value()).value_or(0) / 100, 0.0, 1.0);
  };
  const double made = std::clamp(number_in(grace.attribute("make-time").value()).value_or(0), 0.0, kMostQuarters);
  measure_.graces.push_back({.note = *note,
                             .joins_chord = static_cast<bool>(node.child("chord")),
                             .of_previous = share("steal-time-previous"),
                             .of_following = share("steal-time-following"),
                             .length = std::llround(made / divisions_ * static_cast<double>(units_))});
}

void PartReader::read_lyrics(const pugi::xml_node& note, Units onset) {
  for (const pugi::xml_node& lyric : note.children("lyric")) {
    std::optional<Syllable> syllable = syllable_of(lyric);
    if (!syllable) continue;
    syllable->instrument = instrument_of(note);
    measure_.lyrics.push_back({onset, std::move(*syllable)});
  }
}

std::optional<int> PartReader::pitch_of(const pugi::xml_node& node, const Instrument& instrument) const {
  if (const pugi::xml_node unpitched = node.child("unpitched"))
    return instrument.drum_pitch.value_or(drum_pitch_at(display_steps(unpitched)));
  if (instrument.is_drum && instrument.drum_pitch) return instrument.drum_pitch;
  constexpr std::array<int, 7> kSemitones = {9, 11, 0, 2, 4, 5, 7};
  const pugi::xml_node pitch = node.child("pitch");
  const std::string_view step = trim(pitch.child("step").text().get());
  const auto octave = number_in(pitch.child("octave").text().get());
  if (step.size() != 1 || step[0] < 'A' || step[0] > 'G' || !octave || *octave < 0 || *octave > 10) return std::nullopt;
  const double alter = std::clamp(number_in(pitch.child("alter").text().get()).value_or(0), -12.0, 12.0);
  const int key = 12 * (static_cast<int>(*octave) + 1) + kSemitones[static_cast<std::size_t>(step[0] - 'A')];
  return key + static_cast<int>(std::floor(alter + 0.5)) + transposition_of(node);
}

std::uint32_t PartReader::instrument_of(const pugi::xml_node& note) const {
  const std::string_view id = note.child("instrument").attribute("id").value();
  std::size_t index = 0;
  for (std::size_t i = 0; i < part_.instruments.size() && !id.empty(); ++i) {
    if (part_.instruments[i].id == id) {
      index = i;
      break;
    }
  }
  const auto current = current_instruments_.find(part_.instruments[index].id);
  return current != current_instruments_.end() ? current->second : static_cast<std::uint32_t>(index);
}

std::optional<Note> PartReader::note_of(const pugi::xml_node& node, Units onset, Units duration) {
  const std::uint32_t index = instrument_of(node);
  std::uint32_t sounding = index;
  if (node.child("unpitched") && !part_.instruments[index].is_drum) {
    Instrument drum = part_.instruments[index];
    drum.is_drum = true;
    const auto known = std::find_if(part_.instruments.begin(), part_.instruments.end(),
                                    [&](const Instrument& i) { return i.is_drum && i.id == drum.id; });
    sounding = static_cast<std::uint32_t>(known - part_.instruments.begin());
    if (known == part_.instruments.end()) part_.instruments.push_back(std::move(drum));
  }
  const auto pitch = pitch_of(node, part_.instruments[sounding]);
  if (!pitch || *pitch < 0 || *pitch > 127) {
    skip(pitch ? "a note beyond MIDI's range" : "a note without a pitch");
    return std::nullopt;
  }
  Note note{.offset = onset, .duration = duration, .pitch = static_cast<std::uint8_t>(*pitch)};
  note.instrument = sounding;
  note.voice =
      voices_.emplace(node.child("voice").text().get(), static_cast<std::uint32_t>(voices_.size())).first->second;
  bool has_ties = false;
  const auto read_tie = [&](const pugi::xml_node& tie) {
    const std::string_view type = tie.attribute("type").value();
    note.starts_tie |= type == "start";
    note.stops_tie |= type == "stop";
    has_ties = true;
  };
  for (const pugi::xml_node& tie : node.children("tie")) read_tie(tie);
  if (!has_ties) {
    for (const pugi::xml_node& notations : node.children("notations"))
      for (const pugi::xml_node& tie : notations.children("tied")) read_tie(tie);
  }
  if (const auto percent = number_in(node.attribute("dynamics").value())) {
    note.has_own_velocity = true;
    note.velocity = static_cast<std::uint8_t>(velocity_of_percent(*percent));
  }
  return note;
}

void PartReader::read_barline(const pugi::xml_node& node) {
  Navigation& navigation = measure_.navigation;
  if (const pugi::xml_node repeat = node.child("repeat")) {
    const std::string_view direction = repeat.attribute("direction").value();
    if (direction == "forward") navigation.starts_repeat = true;
    if (direction == "backward") {
      navigation.passes = std::clamp(repeat.attribute("times").as_int(2), 2, 99);
      navigation.ends_section = true;
    }
  }
  if (const pugi::xml_node ending = node.child("ending")) {
    const std::string_view type = ending.attribute("type").value();
    if (type == "start") navigation.endings = passes_in(ending.attribute("number").value());
    if (type == "stop" || type == "discontinue") navigation.ends_section = true;
  }
  if (node.child("segno") && jumps_ == JumpSource::words_and_signs) navigation.segno = true;
  if (node.child("coda") && jumps_ == JumpSource::words_and_signs) navigation.coda = true;
}

void PartReader::read_harmony(const pugi::xml_node& node) {
  std::string name = harmony_name(node);
  if (!name.empty()) add_chord_symbol(std::move(name), offset_of(node, true));
}

void PartReader::add_chord_symbol(std::string name, Units offset) {
  if (!chord_pitches(name)) {
    diagnostics_.add_once(DiagnosticKind::chord_symbol, part_.place_of(measure_.place),
                          "cannot play the chord " + excerpt(name));
  }
  measure_.chord_symbols.push_back({offset, std::move(name)});
}

}  // namespace continuo::notation::musicxml
