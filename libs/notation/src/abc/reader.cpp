#include <algorithm>

#include "continuo/notation/midi_reader.h"

#include "../text_encoding.h"
#include "tune.h"

namespace continuo::notation {
namespace {

constexpr std::size_t kMaxAbcBytes = std::size_t{16} << 20;

}  // namespace

namespace abc {

std::string to_string(Place place) {
  return "line " + std::to_string(place.line) + ", column " + std::to_string(place.column);
}

std::string name_text(std::string_view text) { return cut_utf8(std::string(text), kLongestNameBytes); }

Error error_at(Place place, std::string what, ErrorCode code) { return {code, std::move(what), to_string(place), {}}; }

Status Log::problem(Place place, std::string what) {
  if (strict_) return error_at(place, std::move(what));
  note(DiagnosticKind::skipped, place, std::move(what));
  return {};
}

// A text of nothing but problems has millions; those that are not kept are only counted.
void Log::note(DiagnosticKind kind, Place place, std::string what) {
  if (diagnostics_.kept().size() == Diagnostics::kKept) return diagnostics_.add(kind, {}, {});
  diagnostics_.add_once(kind, to_string(place) + " (" + excerpt(tune_) + ")", std::move(what));
}

namespace {

bool is_field_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+'; }

bool is_field(std::string_view line) { return line.size() >= 2 && is_field_letter(line[0]) && line[1] == ':'; }

// In a tune's body "C:|" is a note before a repeat sign, and "a:" is never a field.
bool is_body_field(std::string_view line) {
  if (!is_field(line)) return false;
  const bool is_note = (line[0] >= 'A' && line[0] <= 'G') || (line[0] >= 'a' && line[0] <= 'g') || line[0] == 'z';
  return !(is_note && line.size() > 2 && (line[2] == '|' || line[2] == ':')) && !(line[0] >= 'a' && line[0] <= 'g');
}

// Up to a comment (2.2.5).
std::string_view without_comment(std::string_view line) {
  for (std::size_t i = line.find('%'); i != line.npos; i = line.find('%', i + 1)) {
    if (i == 0 || line[i - 1] != '\\') return line.substr(0, i);
  }
  return line;
}

// Takes a text apart into tunes (2.2) and reads each.
class BookReader {
 public:
  BookReader(std::string_view text, const AbcOptions& options)
      : text_(text), options_(options), log_(book_.diagnostics, options.strict) {}

  Result<AbcBook> run() {
    const bool has_numbers =
        text_.starts_with("X:") || text_.find("\nX:") != text_.npos || text_.find("\rX:") != text_.npos;
    for (std::size_t begin = 0; begin <= text_.size();) {
      const std::size_t end = std::min(text_.find_first_of("\r\n", begin), text_.size());
      ++line_;
      CONTINUO_TRY(read_line(text_.substr(begin, end - begin), has_numbers));
      begin = end + (text_.substr(end, 2) == "\r\n" ? 2 : 1);
    }
    CONTINUO_TRY(finish_tune());
    if (!saw_tune_) return Error{ErrorCode::wrong_format, "is not ABC: no tune begins in it", {}, {}};
    if (book_.tunes.empty()) return first_rejection_;
    book_.diagnostics.add_left_out(log_.unsung_syllables, "syllable of lyrics", "syllables of lyrics",
                                   "no note that is played has them");
    book_.diagnostics.add_left_out(log_.cue_notes, "cue note", "cue notes", "the part does not play them");
    book_.diagnostics.add_left_out(log_.word_lines, "line of words", "lines of words", "they belong to no notes");
    return std::move(book_);
  }

 private:
  enum class State { outside, header, body };

  Status read_line(std::string_view line, bool has_numbers) {
    if (line.starts_with("%%")) return read_directive(trim(line.substr(2))), Status{};
    if (in_text_block_) return {};
    if (trim(line).empty()) return finish_tune();
    line = without_comment(line);
    if (trim(line).empty()) return {};
    if (line.starts_with("X:") || (state_ == State::outside && !has_numbers && is_field(line))) {
      CONTINUO_TRY(begin_tune(line));
      if (!line.starts_with("X:")) return read_header_line(line);
      return {};
    }
    switch (state_) {
      case State::outside:
        return read_file_header(line);
      case State::header:
        return read_header_line(line);
      case State::body:
        return read_body_line(line);
    }
    return {};
  }

  // Text blocks of directives are not music.
  void read_directive(std::string_view text) {
    if (text.starts_with("begin")) in_text_block_ = true;
    if (text.starts_with("end")) in_text_block_ = false;
    apply_directive(state_ == State::outside ? defaults_ : tune_, text);
  }

  // Fields before the first tune hold for all of them.
  Status read_file_header(std::string_view line) {
    if (saw_tune_ || !is_field(line) || std::string_view("MLQI").find(line[0]) == std::string_view::npos) return {};
    return apply_header_field(defaults_, line[0], trim(line.substr(2)), {line_, 1}, log_);
  }

  Status begin_tune(std::string_view line) {
    CONTINUO_TRY(finish_tune());
    tune_ = defaults_;
    tune_.place = {line_, 1};
    if (line.starts_with("X:")) tune_.number = trim(line.substr(2));
    log_.set_tune(tune_.number);
    state_ = State::header;
    saw_tune_ = true;
    return {};
  }

  Status read_header_line(std::string_view line) {
    if (!is_field(line)) return read_header_text(line);
    tune_.last_field = line[0];
    const std::string_view value = trim(line.substr(2));
    if (line[0] == 'V') return declared_voices_.push_back({std::string(value), line_}), Status{};
    CONTINUO_TRY(apply_header_field(tune_, line[0], value, {line_, 3}, log_));
    if (!tune_.title.empty()) log_.set_tune(tune_.title);
    return line[0] == 'K' ? begin_body() : Status{};
  }

  // Text below H: continues the history (3.1.13). Otherwise a line with bar lines is music, and another is a field
  // that a mail program has broken.
  Status read_header_text(std::string_view line) {
    if (tune_.last_field == 'H') return {};
    if (line.find('|') == line.npos) return log_.problem({line_, 1}, "text in the header that belongs to no field");
    CONTINUO_TRY(log_.problem({line_, 1}, "music before the K: field"));
    CONTINUO_TRY(begin_body());
    return read_body_line(line);
  }

  Status begin_body() {
    state_ = State::body;
    for (const auto& [value, line] : declared_voices_) {
      CONTINUO_TRY(apply_body_field(tune_, 'V', value, {line, 3}, log_));
    }
    tune_.current = 0;
    declared_voices_.clear();
    return {};
  }

  Status read_body_line(std::string_view line) {
    if (!is_body_field(line)) return parse_music(tune_, line, line_, log_);
    return apply_body_field(tune_, line[0], trim(line.substr(2)), {line_, 3}, log_);
  }

  Status finish_tune() {
    if (state_ == State::outside) return {};
    const bool has_body = state_ == State::body;
    const Place place = tune_.place;
    state_ = State::outside;
    declared_voices_.clear();
    Result<Piece> piece =
        has_body ? play(std::move(tune_), options_, log_) : error_at(tune_.place, "the tune ends before its K: field");
    if (piece.ok()) {
      book_.tunes.push_back(std::move(*piece));
      return {};
    }
    if (options_.strict) return piece.error();
    log_.note(DiagnosticKind::rejected_tune, place, piece.error().what);
    if (book_.tunes.empty()) first_rejection_ = piece.error();
    return {};
  }

  std::string_view text_;
  const AbcOptions& options_;
  AbcBook book_;
  Log log_;
  State state_ = State::outside;
  int line_ = 0;
  bool saw_tune_ = false, in_text_block_ = false;
  Tune defaults_, tune_;
  std::vector<std::pair<std::string, int>> declared_voices_;
  Error first_rejection_;
};

}  // namespace
}  // namespace abc

Result<AbcBook> read_abc_book(std::string_view text, const AbcOptions& options) {
  if (text.size() > kMaxAbcBytes) return Error{ErrorCode::too_large, "more than 16 MiB of ABC", {}, {}};
  text = without_byte_order_mark(text);
  if (abc::trim(text).empty()) return Error{ErrorCode::empty, "the text is empty", {}, {}};
  if (options.velocity < 16 || options.velocity > 119) {
    return Error{ErrorCode::invalid_argument, "velocity must be from 16 to 119", {}, {}};
  }
  return abc::BookReader(text, options).run();
}

Result<std::vector<score::Score>> read_abc(std::string_view text, const AbcOptions& options) {
  CONTINUO_ASSIGN(AbcBook book, read_abc_book(text, options));
  std::vector<score::Score> scores;
  for (Piece& piece : book.tunes) scores.push_back(std::move(piece.score));
  return scores;
}

}  // namespace continuo::notation
