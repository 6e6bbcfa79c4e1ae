#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tune.h"

namespace continuo::notation::abc {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_note_start(char c) {
  return (c >= 'A' && c <= 'G') || (c >= 'a' && c <= 'g') || c == '^' || c == '_' || c == '=';
}

struct Length {
  Units times = 1, in = 1;
};

// Reads one line of music into the voice at hand: notes and what changes their lengths in music_notes.cpp, all other
// signs (bar lines, endings, chord symbols, decorations, inline fields) in music.cpp. Numbers in brackets are sections
// of the ABC standard 2.1.
class LineParser {
 public:
  LineParser(Tune& tune, std::string_view text, int line, Log& log)
      : tune_(tune), text_(text), line_(line), log_(log) {}

  Status run();

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  Place place() const { return {line_, static_cast<int>(at_) + 1}; }
  Status problem(std::string what) { return log_.problem(place(), std::move(what)); }
  // The next `c` from there on.
  std::size_t find(char c, std::size_t from);
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
  Status note_into(std::vector<ParsedNote>& notes);
  int alteration_of(int letter, int step, std::optional<int> written);
  void add(Element element);
  void note_for_lyrics();

  Tune& tune_;
  std::string_view text_;
  int line_;
  Log& log_;
  std::size_t at_ = 0;
  std::string absent_;  // characters that find() has not found
};

}  // namespace continuo::notation::abc
