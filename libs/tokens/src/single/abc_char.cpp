#include "continuo/tokens/abc_char.h"

#include <algorithm>
#include <array>

#include "../core/loss_list.h"
#include "../core/state_grammar.h"
#include "plain_tokenizer.h"

namespace continuo::tokens {
namespace {

using score::Score;

constexpr int kStepsPerQuarter = 4;
constexpr int kStepsPerBar = 16;
constexpr int kLongest = 128;  // of a note or rest, in steps
constexpr std::int64_t kLongestSilence = 8 * kLongest;
constexpr std::uint8_t kVelocity = 80;
constexpr std::string_view kCharacters = "^=CDEFGABcdefgabz,'0123456789[]|";
constexpr std::string_view kLetters = "CDEFGABcdefgab";
constexpr std::array<int, 14> kPitches = {60, 62, 64, 65, 67, 69, 71, 72, 74, 76, 77, 79, 81, 83};

char character(TokenId token) {
  const std::size_t index = std::size_t(token - kSpecialTokens);
  return token >= kSpecialTokens && index < kCharacters.size() ? kCharacters[index] : '\0';
}
TokenId token_of(char character) { return kSpecialTokens + TokenId(kCharacters.find(character)); }
bool is_letter(char c) { return c != '\0' && kLetters.find(c) != std::string_view::npos; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The state of a text so far: reading, the grammar and the length meter go by it.
class AbcState {
 public:
  enum class Place { kStart, kAccidental, kNote, kRest, kLength, kChordBegun, kChordEnded, kBar, kEnd };

  Place place = Place::kStart;
  bool in_chord = false, has_notes = false;
  bool is_upper = false;  // the last letter
  int pitch = 0;          // of the last note
  int length = 0;         // of the item at hand; 0: not written, which is 1
  std::int64_t onset = 0;
  bool has_item = false;

  int close_distance() const {
    if (place == Place::kEnd) return 0;
    if (in_chord) return place == Place::kNote ? 3 : 4;
    if (place == Place::kAccidental || !has_notes) return 3;
    return place == Place::kBar ? 1 : 2;
  }
  std::int64_t now() const { return onset + (has_item ? std::max(1, length) : 0); }

  void accept(TokenId token) { accept(character(token)); }
  void accept(char c) {
    if (is_letter(c)) return accept_letter(c);
    if (is_digit(c)) {
      length = std::min(10 * length + (c - '0'), kLongest);
      place = Place::kLength;
      return;
    }
    switch (c) {
      case '^':
      case '=':
        accidental_ = c == '^' ? 1 : 0;
        place = Place::kAccidental;
        break;
      case ',':
        pitch -= 12;
        break;
      case '\'':
        pitch += 12;
        break;
      case 'z':
        begin_item();
        place = Place::kRest;
        break;
      case '[':
        begin_item();
        in_chord = true;
        place = Place::kChordBegun;
        break;
      case ']':
        place = in_chord ? Place::kChordEnded : Place::kEnd;
        in_chord = false;
        break;
      case '|':
        sharp_.fill(false);
        place = Place::kBar;
        break;
      default:
        break;
    }
  }

 private:
  void accept_letter(char c) {
    if (!in_chord) begin_item();
    const std::size_t index = kLetters.find(c);
    bool& sharp = sharp_[index % 7];
    if (accidental_ >= 0) sharp = accidental_ == 1;
    accidental_ = -1;
    pitch = kPitches[index] + int(sharp);
    is_upper = index < 7;
    has_notes = true;
    place = Place::kNote;
  }
  void begin_item() {
    onset = now();
    has_item = true;
    length = 0;
  }

  int accidental_ = -1;
  std::array<bool, 7> sharp_{};  // in this bar, by letter
};

// text = { item | "|" } "|]";  item = note [length] | "[" note { note } "]" [length] | "z" [length]
// note = [ "^" | "=" ] letter { "," | "'" }, within the keys of MIDI; a length is 1 to 128 sixteenths.
class AbcGrammar final : public StateGrammar<AbcGrammar, AbcState, TokenGrammar> {
 public:
  void legal_tokens(std::span<std::uint8_t> legal) const override {
    std::fill(legal.begin(), legal.end(), std::uint8_t{0});
    legal[kEos] = can_end();
    for (const char c : kCharacters) legal[std::size_t(token_of(c))] = may_follow(c);
  }
  bool is_legal(TokenId token) const override { return token == kEos ? can_end() : may_follow(character(token)); }

 private:
  using Place = AbcState::Place;

  bool may_follow(char c) const {
    const Place place = state_.place;
    if (is_letter(c)) return true;
    if (c == '\0' || place == Place::kAccidental) return false;
    const bool after_note = place == Place::kNote;
    const bool item_ended = !state_.in_chord && place != Place::kStart && place != Place::kBar && place != Place::kEnd;
    if (is_digit(c)) {
      const int length = place == Place::kLength ? 10 * state_.length + (c - '0') : c - '0';
      return item_ended && length >= 1 && length <= kLongest;
    }
    switch (c) {
      case '^':
      case '=':
        return true;
      case ',':
        return after_note && state_.is_upper && state_.pitch >= 12;
      case '\'':
        return after_note && !state_.is_upper && state_.pitch < 128 - 12;
      case 'z':
      case '[':
        return !state_.in_chord;
      case ']':
        return state_.in_chord ? after_note : place == Place::kBar && state_.has_notes;
      default:
        return item_ended;
    }
  }
};

class AbcMeter final : public LengthMeter {
 public:
  std::unique_ptr<LengthMeter> clone() const override { return std::make_unique<AbcMeter>(*this); }
  void reset() override { state_ = {}; }
  void accept(TokenId token) override { state_.accept(token); }
  score::Seconds elapsed() const override { return score::Seconds(double(state_.now()) * 0.5 / kStepsPerQuarter); }
  MusicalPosition position() const override {
    const std::int64_t step = state_.in_chord ? state_.onset : state_.now();
    return {.place = static_cast<int>(step % kStepsPerBar), .step = step};
  }
  PositionRange position_range() const override { return {.places = kStepsPerBar}; }

 private:
  AbcState state_;
};

// Writes a text item by item.
class AbcWriter {
 public:
  void rest(std::int64_t steps) {
    while (steps > 0) {
      const std::int64_t length = std::min<std::int64_t>(steps, kLongest);
      open_item();
      write('z');
      write_length(length);
      steps -= length;
    }
  }
  void chord(std::span<const GridNote> notes) {
    open_item();
    if (notes.size() > 1) write('[');
    for (const GridNote& note : notes) write_pitch(note.pitch);
    if (notes.size() > 1) write(']');
    write_length(notes[0].duration);
  }
  std::int64_t now() const { return now_; }
  std::vector<TokenId> finish() {
    write('|');
    write(']');
    return std::move(tokens_);
  }

 private:
  void write(char c) { tokens_.push_back(token_of(c)); }
  // A bar line stands between items where one ends on it.
  void open_item() {
    if (now_ == 0 || now_ % kStepsPerBar != 0) return;
    write('|');
    sharp_.fill(false);
  }
  void write_pitch(int pitch) {
    static constexpr std::array<int, 12> kLetterOf = {0, 0, 1, 1, 2, 3, 3, 4, 4, 5, 5, 6};
    static constexpr std::array<bool, 12> kIsSharp = {false, true,  false, true,  false, false,
                                                      true,  false, true,  false, true,  false};
    const int letter = kLetterOf[std::size_t(pitch % 12)], octave = pitch / 12 - 5;
    bool& sharp = sharp_[std::size_t(letter)];
    if (kIsSharp[std::size_t(pitch % 12)]) {
      write('^');
    } else if (sharp) {
      write('=');
    }
    sharp = kIsSharp[std::size_t(pitch % 12)];
    write(kLetters[std::size_t(letter + (octave > 0 ? 7 : 0))]);
    for (int i = octave; i < 0; ++i) write(',');
    for (int i = 1; i < octave; ++i) write('\'');
  }
  void write_length(std::int64_t length) {
    if (length > 1)
      for (const char digit : std::to_string(length)) write(digit);
    now_ += length;
  }

  std::vector<TokenId> tokens_;
  std::int64_t now_ = 0;
  std::array<bool, 7> sharp_{};  // in this bar, by letter
};

std::vector<std::string> character_words() {
  std::vector<std::string> words;
  for (const char c : kCharacters) words.emplace_back(1, c);
  return words;
}

// Calls `visit` for the notes of each onset.
template <typename Visit>
void for_each_onset(std::vector<GridNote>& notes, const Visit& visit) {
  for (auto first = notes.begin(); first != notes.end();) {
    const auto last = std::find_if(first, notes.end(), [&](const GridNote& n) { return n.onset != first->onset; });
    visit(std::span(first, last), last == notes.end() ? first->onset + kLongest : last->onset);
    first = last;
  }
}

class AbcChar final : public PlainTokenizer {
 public:
  AbcChar() : PlainTokenizer("abc_char", character_words()) {}
  std::unique_ptr<TokenGrammar> grammar() const override { return std::make_unique<AbcGrammar>(); }
  std::unique_ptr<LengthMeter> length_meter() const override { return std::make_unique<AbcMeter>(); }
  // Bar lines come between items and not always where a bar begins, so none counts as one.
  TokenizerTraits traits() const override {
    const TokenId size = kSpecialTokens + static_cast<TokenId>(kCharacters.size());
    TokenizerTraits traits{TimeDomain::kMusical, std::vector<TokenTraits>(static_cast<std::size_t>(size))};
    for (const char c : kCharacters) {
      TokenTraits& each = traits.tokens[static_cast<std::size_t>(token_of(c))];
      each.advances_time = is_letter(c) || is_digit(c) || c == 'z' || c == '[';
      each.part_of_note = c != 'z' && c != '|' && !is_digit(c);
      each.strikes = is_letter(c);
      each.notes = static_cast<std::uint16_t>(is_letter(c));
    }
    return traits;
  }
  // "|]"
  std::vector<TokenId> without_closing(std::span<const TokenId> tokens) const override {
    const bool closed =
        tokens.size() >= 2 && tokens.back() == token_of(']') && tokens[tokens.size() - 2] == token_of('|');
    return {tokens.begin(), tokens.end() - (closed ? 2 : 0)};
  }

  std::string losses(const Score& score) const override {
    LossList losses;
    losses.add_if(score.note_count() > 0, "velocities");
    add_track_losses(score, false, losses);
    if (check_score(score).ok()) {
      std::vector<GridNote> notes = one_voice(score, kStepsPerQuarter, false);
      const Changes changes = settle(notes);
      losses.add(changes.lengths, "length of a note that sounds into the next",
                 "lengths of notes that sound into the next");
      losses.add(changes.silences, "overlong rest", "overlong rests");
    }
    add_time_losses(score, losses);
    return losses.sentence();
  }

 private:
  struct Changes {
    std::size_t lengths = 0, silences = 0;
  };

  // Notes that start together are equally long, and end when the next start.
  static Changes settle(std::vector<GridNote>& notes) {
    Changes changes;
    for (GridNote& note : notes) {
      note.voice = 0;
      note.velocity = kVelocity;
    }
    resolve_overlaps(notes);
    for_each_onset(notes, [&](std::span<GridNote> together, std::int64_t next) {
      std::int64_t length = 0;
      for (const GridNote& note : together) length = std::max(length, note.duration);
      length = std::min<std::int64_t>({length, next - together[0].onset, kLongest});
      for (GridNote& note : together) {
        changes.lengths += note.duration != length;
        note.duration = length;
      }
    });
    changes.silences = std::size_t(shorten_silences(notes, kLongestSilence, SilenceFrom::kLastEnd));
    return changes;
  }

  Result<std::vector<GridNote>> grid_notes(const Score& score) const override {
    CONTINUO_TRY(check_score(score));
    std::vector<GridNote> notes = one_voice(score, kStepsPerQuarter, false);
    settle(notes);
    return notes;
  }

  std::vector<TokenId> encode_notes(const std::vector<GridNote>& notes) const override {
    AbcWriter writer;
    std::vector<GridNote> left = notes;
    for_each_onset(left, [&](std::span<const GridNote> together, std::int64_t) {
      writer.rest(together[0].onset - writer.now());
      writer.chord(together);
    });
    return writer.finish();
  }

  std::unique_ptr<GridReader> reader() const override { return std::make_unique<Reader>(); }

  // The pitch of a note is known with the first character that is no octave mark; the length of a note or a chord, when
  // the next item or a bar line begins.
  class Reader final : public GridReader {
   public:
    void accept(TokenId token) override {
      const char c = character(token);
      const bool had_item = state_.has_item;
      const std::int64_t onset = state_.onset;
      state_.accept(c);
      if (state_.onset != onset || state_.has_item != had_item || state_.place == AbcState::Place::kBar)
        item_ = notes_.size();
      if (is_letter(c)) {
        GridNote note;
        note.onset = state_.onset;
        note.velocity = kVelocity;
        notes_.push_back(note);
      }
      if (is_letter(c) || c == ',' || c == '\'') notes_.back().pitch = std::uint8_t(state_.pitch);
      for (std::size_t i = item_; i < notes_.size(); ++i) notes_[i].duration = std::max(1, state_.length);
    }
    std::size_t complete() const override { return item_; }
    std::vector<GridNote> finish() override {
      settle(notes_);
      return std::move(notes_);
    }

   private:
    AbcState state_;
    std::size_t item_ = 0;  // the first note of the item at hand, whose length may still change
  };
};

}  // namespace

std::shared_ptr<const Tokenizer> make_abc_char() { return std::make_shared<AbcChar>(); }

Result<std::shared_ptr<const Tokenizer>> abc_char_from_json(const nlohmann::json&) { return make_abc_char(); }

}  // namespace continuo::tokens
