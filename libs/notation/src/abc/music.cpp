#include <algorithm>
#include <charconv>
#include <utility>

#include "../written/chord_symbols.h"
#include "tune.h"

namespace continuo::notation::abc {
namespace {

constexpr std::string_view kLetters = "CDEFGAB";
constexpr std::array<int, 7> kSemitones = {0, 2, 4, 5, 7, 9, 11};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_note_start(char c) {
  return (c >= 'A' && c <= 'G') || (c >= 'a' && c <= 'g') || c == '^' || c == '_' || c == '=';
}

struct Length {
  Units times = 1, in = 1;
};

// A bar line as written, and what it means (4.8).
struct BarLine {
  int colons_before = 0, colons_after = 0;
  bool is_strong = false;
};

class LineParser {
 public:
  LineParser(Tune& tune, std::string_view text, int line, Log& log)
      : tune_(tune), text_(text), line_(line), log_(log) {}

  Status run() {
    while (at_ < text_.size()) {
      const std::size_t before = at_;
      CONTINUO_TRY(next());
      if (at_ == before) ++at_;
      if (tune_.voice().measures.size() > kMaxMeasures) {
        return error_at(place(), "the tune has too many bars", ErrorCode::too_large);
      }
    }
    tune_.line_is_continued = trim(text_).ends_with('\\');
    return {};
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  Place place() const { return {line_, static_cast<int>(at_) + 1}; }
  Status problem(std::string what) { return log_.problem(place(), std::move(what)); }
  bool take(char c) { return peek() == c ? (++at_, true) : false; }
  Voice& voice() { return tune_.voice(); }

  Status next();
  Status bracket();
  Status quoted();
  Status decoration();
  Status decoration_name(std::string_view name);
  Status plus();
  Status parenthesis();
  Status broken_rhythm();
  Status rest();
  Status bars_of_rest();
  Status chord(char closing);
  Status single_note();
  Status inline_field();
  Status ending();
  void tie();
  void bar_line();
  Status grace_notes();
  Result<int> number(int fallback);
  Result<Length> length();
  Result<ParsedNote> note();
  int alteration_of(int letter, int step, std::optional<int> written);
  void add(Element element);
  void note_for_lyrics();

  Tune& tune_;
  std::string_view text_;
  int line_;
  Log& log_;
  std::size_t at_ = 0;
};

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

void scale(Element& element, Units times, Units in) {
  element.duration = element.duration * times / in;
  for (ParsedNote& n : element.notes) n.duration = n.duration * times / in;
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
  if (!v.last.notes.empty() && !v.is_overlay) sung.notes.push_back({v.measures.size() - 1, v.last.offset});
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
      Result<ParsedNote> read = note();
      if (read.ok()) {
        element.notes.push_back(*read);
      } else if (read.error().code == ErrorCode::too_large) {
        return read.error();
      } else {
        CONTINUO_TRY(problem(read.error().what));
      }
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
  v.cursor -= v.last.duration;
  scale(v.last, sign == '>' ? longer : 1, in);
  v.cursor += v.last.duration;
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

// "Am" is a chord symbol; "^text" and its like an annotation (4.18, 4.19).
Status LineParser::quoted() {
  const std::size_t end = text_.find('"', at_ + 1);
  if (end == text_.npos) {
    CONTINUO_TRY(problem("a quotation mark without its partner"));
    ++at_;
    return {};
  }
  const std::string_view content = trim(text_.substr(at_ + 1, end - at_ - 1));
  if (!content.empty() && std::string_view("^_<>@").find(content[0]) == std::string_view::npos) {
    Voice& v = voice();
    const Place where{line_, static_cast<int>(at_) + 1};
    if (!chord_pitches(content)) {
      log_.note(DiagnosticKind::chord_symbol, where,
                "the chord symbol \"" + std::string(content) + "\" is not understood");
    }
    v.open().chord_symbols.push_back({v.cursor, std::string(content)});
  }
  at_ = end + 1;
  return {};
}

Status LineParser::decoration() {
  const std::size_t end = text_.find('!', at_ + 1);
  const bool is_name = end != text_.npos && text_.substr(at_, end - at_).find_first_of("|[]\"") == text_.npos;
  if (!is_name) {
    CONTINUO_TRY(problem("a decoration that does not end"));
    ++at_;
    return {};
  }
  const std::string_view name = text_.substr(at_ + 1, end - at_ - 1);
  at_ = end + 1;
  return decoration_name(name);
}

Status LineParser::decoration_name(std::string_view name) {
  Voice& v = voice();
  const bool at_bar_line = v.open().length == 0;
  const bool has_previous = v.measures.size() > 1;
  Navigation& here = v.open().navigation;
  Navigation& before = at_bar_line && has_previous ? v.measures[v.measures.size() - 2].navigation : here;
  if (name == "segno") here.segno = true;
  if (name == "coda") (at_bar_line ? here.coda : here.to_coda) = true;
  if (name == "dacoda") before.to_coda = true;
  if (name == "fine") before.fine = true;
  if (name == "D.C." || name == "dacapo" || name.starts_with("D.C.al")) before.da_capo = true;
  if (name == "D.S." || name.starts_with("D.S.al")) before.dal_segno = true;
  return {};
}

// "+trill+" is a decoration of older texts, "+CEG+" a chord of still older ones (9.1); strictly neither exists.
Status LineParser::plus() {
  if (log_.strict()) return problem("an unexpected character '+'");
  const std::size_t end = text_.find('+', at_ + 1);
  if (end == text_.npos || end == at_ + 1) return problem("an unexpected character '+'");
  const std::string_view content = text_.substr(at_ + 1, end - at_ - 1);
  if (content.find_first_not_of("ABCDEFGabcdefg^_=,'/0123456789- ") == content.npos) return chord('+');
  at_ = end + 1;
  return decoration_name(content);
}

Status LineParser::grace_notes() {
  const std::size_t end = text_.find('}', at_);
  if (end == text_.npos) return problem("grace notes that do not end");
  ++log_.grace_notes;
  at_ = end + 1;
  return {};
}

Status LineParser::inline_field() {
  const std::size_t end = text_.find(']', at_);
  if (end == text_.npos) return problem("an inline field that does not end");
  const Place where = place();
  const char field = peek(1);
  const std::string_view value = trim(text_.substr(at_ + 3, end - at_ - 3));
  at_ = end + 1;
  return apply_body_field(tune_, field, value, where, log_);
}

Status LineParser::bracket() {
  if (peek(1) == '|') return bar_line(), Status{};
  if (is_digit(peek(1)) || (peek(1) == ' ' && is_digit(peek(2)))) return at_ += peek(1) == ' ' ? 2 : 1, ending();
  if (peek(1) == '"') {
    const std::size_t end = text_.find('"', at_ + 2);
    if (end != text_.npos && text_.substr(at_).find(']') > end - at_ + 1 &&
        !is_note_start(text_[std::min(end + 1, text_.size() - 1)])) {
      at_ = end + 1;
      return {};
    }
  }
  const bool is_field = peek(2) == ':' && ((peek(1) >= 'A' && peek(1) <= 'Z') || (peek(1) >= 'a' && peek(1) <= 'z'));
  return is_field ? inline_field() : chord(']');
}

// "1", "1,3", "1-3" (4.10).
Status LineParser::ending() {
  Voice& v = voice();
  std::vector<int> passes;
  while (is_digit(peek())) {
    CONTINUO_ASSIGN(const int first, number(0));
    int last = first;
    if (peek() == '-' && is_digit(peek(1))) {
      ++at_;
      CONTINUO_ASSIGN(last, number(0));
    }
    if (first < 1 || last < first || last > 32) return problem("an ending that cannot be");
    for (int pass = first; pass <= last; ++pass) passes.push_back(pass);
    if (!(peek() == ',' && is_digit(peek(1)))) break;
    ++at_;
  }
  v.next_measure(v.open().length > 0 ? to_string(place()) : v.open().place);
  v.open().navigation.endings = std::move(passes);
  return {};
}

void LineParser::bar_line() {
  BarLine bar;
  int lines = 0, colons = 0;
  for (; at_ < text_.size(); ++at_) {
    const char c = peek();
    const bool opens = c == '[' && peek(1) == '|', closes = c == ']' && lines > 0;
    if (c == ':') {
      ++colons;
    } else if (c == '|' || opens || closes) {
      if (lines == 0) bar.colons_before = std::exchange(colons, 0);
      if (c == '|' && ++lines > 1 && colons > 0) bar.colons_before += std::exchange(colons, 0);
      bar.is_strong |= opens || closes || lines > 1;
    } else {
      break;
    }
  }
  if (lines == 0) {
    bar.colons_before = (colons + 1) / 2;
    colons /= 2;
  }
  bar.colons_after = colons;
  Voice& v = voice();
  const bool is_at_beginning = v.measures.size() == 1 && v.open().length == 0;
  Measure& closed = v.open().length > 0 || is_at_beginning ? v.open() : v.measures[v.measures.size() - 2];
  if (!is_at_beginning) {
    if (bar.colons_before > 0) closed.navigation.passes = 1 + bar.colons_before;
    closed.navigation.ends_section |= bar.is_strong || bar.colons_before > 0 || bar.colons_after > 0;
  }
  v.next_measure(to_string(place()));
  v.open().navigation.starts_repeat |= bar.colons_after > 0;
}

Status LineParser::next() {
  const char c = peek();
  if (c == ' ' || c == '\t' || c == '\\' || c == '$' || c == '`' || c == ')' || c == '\r') return ++at_, Status{};
  if (c == '|' || (c == ':' && (peek(1) == '|' || peek(1) == ':'))) {
    bar_line();
    while (peek() == ' ' && is_digit(peek(1))) ++at_;
    return is_digit(peek()) ? ending() : Status{};
  }
  if (c == '.' && peek(1) == '|') return at_ += 2, Status{};
  if (c == '(' || (c == '.' && peek(1) == '(')) return at_ += c == '.', parenthesis();
  if (is_note_start(c)) return single_note();
  switch (c) {
    case '[':
      return bracket();
    case '"':
      return quoted();
    case '!':
      return decoration();
    case '+':
      return plus();
    case '{':
      return grace_notes();
    case '-':
      return tie(), Status{};
    case '<':
    case '>':
      return broken_rhythm();
    case 'z':
    case 'x':
      return rest();
    case 'Z':
    case 'X':
      return bars_of_rest();
    case 'y':
      return ++at_, number(0).ok() ? Status{} : problem("a spacer that cannot be");
    case '&':
      return voice().cursor = 0, voice().has_last = false, voice().is_overlay = true, ++at_, Status{};
    case 'S':
      return ++at_, decoration_name("segno");
    case 'O':
      return ++at_, decoration_name("coda");
    default:
      break;
  }
  const bool is_decoration = c == '.' || c == '~' || (c >= 'H' && c <= 'W') || (c >= 'h' && c <= 'w');
  if (!is_decoration) {
    CONTINUO_TRY(
        problem("an unexpected character" + (c > ' ' && c < 127 ? " '" + std::string(1, c) + "'" : std::string())));
  }
  ++at_;
  return {};
}

}  // namespace

Status parse_music(Tune& tune, std::string_view text, int line, Log& log) {
  return LineParser(tune, text, line, log).run();
}

}  // namespace continuo::notation::abc
