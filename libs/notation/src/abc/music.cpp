#include <algorithm>
#include <utility>

#include "../text_encoding.h"
#include "../written/chord_symbols.h"
#include "line_parser.h"

namespace continuo::notation::abc {
namespace {

// A bar line as written, and what it means (4.8).
struct BarLine {
  int colons_before = 0, colons_after = 0;
  bool is_strong = false;
};

}  // namespace

// Signs that never come again are looked for once, not at each of a million that begin something.
std::size_t LineParser::find(char c, std::size_t from) {
  if (absent_.find(c) != absent_.npos) return text_.npos;
  const std::size_t at = text_.find(c, from);
  if (at == text_.npos) absent_ += c;
  return at;
}

// "Am" is a chord symbol; "^text" and its like an annotation (4.18, 4.19).
Status LineParser::quoted() {
  const std::size_t end = find('"', at_ + 1);
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
      log_.note(DiagnosticKind::chord_symbol, where, "the chord symbol \"" + excerpt(content) + "\" is not understood");
    }
    v.open().chord_symbols.push_back({v.cursor, name_text(content)});
  }
  at_ = end + 1;
  return {};
}

Status LineParser::decoration() {
  const std::size_t end = find('!', at_ + 1);
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
  const std::size_t end = find('+', at_ + 1);
  if (end == text_.npos || end == at_ + 1) return problem("an unexpected character '+'");
  const std::string_view content = text_.substr(at_ + 1, end - at_ - 1);
  if (content.find_first_not_of("ABCDEFGabcdefg^_=,'/0123456789- ") == content.npos) return chord('+');
  at_ = end + 1;
  return decoration_name(content);
}

Status LineParser::inline_field() {
  const std::size_t end = find(']', at_);
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
    const std::size_t end = find('"', at_ + 2);
    if (end != text_.npos && find(']', at_) > end + 1 && !is_note_start(text_[std::min(end + 1, text_.size() - 1)])) {
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

Status LineParser::run() {
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

Status parse_music(Tune& tune, std::string_view text, int line, Log& log) {
  return LineParser(tune, text, line, log).run();
}

}  // namespace continuo::notation::abc
