#include <algorithm>
#include <charconv>
#include <utility>

#include "line_parser.h"

namespace continuo::notation::abc {
namespace {

constexpr std::string_view kLetters = "CDEFGAB";
constexpr std::array<int, 7> kSemitones = {0, 2, 4, 5, 7, 9, 11};

void scale(Element& element, Units times, Units in) {
  element.duration = element.duration * times / in;
  for (ParsedNote& n : element.notes) n.duration = n.duration * times / in;
}

}  // namespace

Result<int> LineParser::number(int fallback) {
  if (!is_digit(peek())) return fallback;
  int value = 0;
  const auto [end, code] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
  if (code != std::errc() || value > kMaxNumber)
    return error_at(place(), "a number is too large", ErrorCode::too_large);
  at_ = static_cast<std::size_t>(end - text_.data());
  return value;
}

// "3", "3/2", "/", "//", "/4" (4.3).
Result<Length> LineParser::length() {
  Length result;
  const Place begin = place();
  CONTINUO_ASSIGN(result.times, number(1));
  while (take('/')) {
    CONTINUO_ASSIGN(const int divisor, number(2));
    result.in *= divisor;
    if (result.in > 1024) return error_at(begin, "a note is too short", ErrorCode::too_large);
  }
  if (result.times == 0 || result.in == 0) {
    CONTINUO_TRY(log_.problem(begin, "a length of zero"));
    return Length{};
  }
  return result;
}

int LineParser::alteration_of(int letter, int step, std::optional<int> written) {
  Voice& v = voice();
  const int held_as = tune_.accidentals_hold == Tune::AccidentalsHold::all_octaves ? letter : step;
  if (written) {
    if (tune_.accidentals_hold != Tune::AccidentalsHold::nowhere) v.accidentals[held_as] = *written;
    return *written;
  }
  if (const auto held = v.accidentals.find(held_as); held != v.accidentals.end()) return held->second;
  if (const auto tied = v.tied_alterations.find(step); tied != v.tied_alterations.end()) return tied->second;
  return v.key.alterations[static_cast<std::size_t>(letter)];
}

Result<ParsedNote> LineParser::note() {
  const Place begin = place();
  std::optional<int> written;
  while (peek() == '^' || peek() == '_' || peek() == '=') {
    const char sign = text_[at_++];
    written = written.value_or(0) + (sign == '^' ? 1 : sign == '_' ? -1 : 0);
  }
  const char c = peek();
  const bool is_low = c >= 'A' && c <= 'G', is_high = c >= 'a' && c <= 'g';
  if (!is_low && !is_high) return error_at(begin, "an accidental without a note");
  ++at_;
  const int letter = static_cast<int>(kLetters.find(is_low ? c : static_cast<char>(c - 'a' + 'A')));
  int octave = is_low ? 5 : 6;
  for (; peek() == ',' || peek() == '\''; ++at_) octave += peek() == ',' ? -1 : 1;
  ParsedNote result;
  result.staff_step = 7 * octave + letter;
  if (octave < -1 || octave > 12 || std::abs(written.value_or(0)) > 2) return error_at(begin, "a note out of range");
  result.alteration = alteration_of(letter, result.staff_step, written);
  result.pitch = 12 * octave + kSemitones[static_cast<std::size_t>(letter)] + result.alteration + voice().transposition;
  if (result.pitch < 0 || result.pitch > 127) return error_at(begin, "a note out of range");
  CONTINUO_ASSIGN(const Length written_length, length());
  result.duration = voice().unit_length * written_length.times / written_length.in;
  result.is_tied = take('-');
  return result;
}

// A note of a chord. One that cannot be read is a problem.
Status LineParser::note_into(std::vector<ParsedNote>& notes) {
  Result<ParsedNote> read = note();
  if (!read.ok()) return read.error().code == ErrorCode::too_large ? Status(read.error()) : problem(read.error().what);
  notes.push_back(*read);
  return {};
}

// Adds an element of its written length after the last one.
void LineParser::add(Element element) {
  Voice& v = voice();
  scale(element, v.broken_times, v.broken_in);
  v.broken_times = v.broken_in = 1;
  for (Tuplet& tuplet : v.tuplets) {
    scale(element, tuplet.times, tuplet.in);
    --tuplet.remaining;
  }
  std::erase_if(v.tuplets, [](const Tuplet& tuplet) { return tuplet.remaining <= 0; });
  v.tied_alterations.clear();
  for (const ParsedNote& n : element.notes) {
    if (n.is_tied) v.tied_alterations[n.staff_step] = n.alteration;
  }
  v.add(std::move(element));
  note_for_lyrics();
}

// Rests and overlays are not sung.
void LineParser::note_for_lyrics() {
  Voice& v = voice();
  SungLine& sung = v.sung_line;
  if (sung.line != line_ && !tune_.line_is_continued) sung = {.first_measure = v.measures.size() - 1};
  sung.line = line_;
  if (!v.last.notes.empty() && !v.is_overlay)
    sung.notes.push_back({v.measures.size() - 1, v.last.offset, v.last.is_cue});
}

Status LineParser::single_note() {
  const Place begin = place();
  Result<ParsedNote> read = note();
  if (!read.ok()) {
    if (read.error().code == ErrorCode::too_large) return read.error();
    return log_.problem(begin, read.error().what);
  }
  Element element;
  element.duration = read->duration;
  element.notes.push_back(*read);
  add(std::move(element));
  return {};
}

// The first note's length is the chord's (4.17).
Status LineParser::chord(char closing) {
  const Place begin = place();
  ++at_;
  Element element;
  while (peek() != closing) {
    if (at_ >= text_.size()) return log_.problem(begin, "a chord that does not end");
    if (is_note_start(peek())) {
      CONTINUO_TRY(note_into(element.notes));
    } else if (peek() == '"') {
      CONTINUO_TRY(quoted());
    } else if (peek() == '!') {
      CONTINUO_TRY(decoration());
    } else {
      if (std::string_view(" ().~uvTHLM").find(peek()) == std::string_view::npos) {
        CONTINUO_TRY(problem("an unexpected character in a chord"));
      }
      ++at_;
    }
  }
  ++at_;
  CONTINUO_ASSIGN(const Length outer, length());
  if (element.notes.empty()) return log_.problem(begin, "a chord without a note");
  element.duration = element.notes.front().duration;
  scale(element, outer.times, outer.in);
  const bool is_tied = take('-');
  for (ParsedNote& n : element.notes) n.is_tied |= is_tied;
  add(std::move(element));
  return {};
}

// "{gab}", "{/g}", "{[eg]a}": their lengths mean nothing (4.12).
Status LineParser::grace_notes() {
  const std::size_t end = find('}', at_);
  if (end == text_.npos) return problem("grace notes that do not end");
  while (at_ < end) {
    std::vector<ParsedNote> chord;
    const bool has_bracket = take('[');
    while (has_bracket && at_ < end && peek() != ']') {
      if (is_note_start(peek()))
        CONTINUO_TRY(note_into(chord));
      else
        ++at_;
    }
    if (is_note_start(peek()))
      CONTINUO_TRY(note_into(chord));
    else
      ++at_;
    voice().add_graces(chord);
  }
  at_ = end + 1;
  return {};
}

Status LineParser::rest() {
  ++at_;
  CONTINUO_ASSIGN(const Length written, length());
  Element element;
  element.duration = voice().unit_length * written.times / written.in;
  add(std::move(element));
  return {};
}

Status LineParser::bars_of_rest() {
  ++at_;
  CONTINUO_ASSIGN(const int count, number(1));
  if (voice().meter.is_free) return problem("a rest of whole bars without a meter");
  for (int i = 0; i < count; ++i) {
    Voice& v = voice();
    if (i > 0) v.next_measure(to_string(place()));
    Element element;
    element.duration = v.meter.bar_length(kUnitsPerWhole) - v.cursor;
    if (element.duration > 0) add(std::move(element));
  }
  return {};
}

// a>b: the first is dotted, the second halved; a>>b double-dotted and quartered (4.4).
Status LineParser::broken_rhythm() {
  const char sign = peek();
  int count = 0;
  while (take(sign)) ++count;
  Voice& v = voice();
  if (!v.has_last || count > 4) return problem("a broken rhythm without a note before it");
  const Units in = Units{1} << count;
  const Units longer = 2 * in - 1;
  const Units written_end = v.cursor;
  v.cursor -= v.last.duration;
  scale(v.last, sign == '>' ? longer : 1, in);
  v.cursor += v.last.duration;
  for (written::GraceNote& grace : v.open().graces)
    if (grace.note.offset == written_end) grace.note.offset = v.cursor;
  v.open().length = std::max(v.length_without_last, v.last.offset + v.last.duration);
  v.put_last();
  v.broken_times = sign == '>' ? 1 : longer;
  v.broken_in = in;
  return {};
}

// "(3", "(3:2", "(3:2:4", "(3::4" begin a tuplet; otherwise a slur (4.11, 4.13).
Status LineParser::parenthesis() {
  const Place begin = place();
  ++at_;
  if (!is_digit(peek())) return {};
  CONTINUO_ASSIGN(const int p, number(0));
  const int by_meter = voice().meter.is_compound() ? 3 : 2;
  int q = p == 3 || p == 6 ? 2 : p == 2 || p == 4 || p == 8 ? 3 : by_meter;
  int r = p;
  if (take(':')) {
    CONTINUO_ASSIGN(q, number(q));
    if (take(':')) {
      CONTINUO_ASSIGN(r, number(r));
    }
  }
  const bool is_sane = p >= 2 && p <= 32 && q >= 1 && q <= 32 && r >= 1 && r <= 64 && voice().tuplets.size() < 3;
  if (!is_sane) return log_.problem(begin, "a tuplet that cannot be");
  voice().tuplets.push_back({q, p, r});
  return {};
}

void LineParser::tie() {
  ++at_;
  Voice& v = voice();
  if (!v.has_last) return;
  for (ParsedNote& n : v.last.notes) {
    n.is_tied = true;
    v.tied_alterations[n.staff_step] = n.alteration;
  }
  v.put_last();
}

}  // namespace continuo::notation::abc
