#include "continuo/tokens/autobot.h"

#include <algorithm>

#include "../core/loss_list.h"
#include "../core/state_grammar.h"
#include "../core/word_grammar.h"
#include "../core/word_traits.h"
#include "plain_tokenizer.h"

namespace continuo::tokens {
namespace {

using score::Score;

constexpr int kStepsPerQuarter = 4;
constexpr int kStepsPerBar = 4 * kStepsPerQuarter;
constexpr int kLongestNote = 128;  // eight bars
constexpr int kLongestWait = 160;
constexpr std::uint8_t kVelocity = 80;

// Of kind kFamily: words that our sequences do not use. kTimeShift: xxsep. kDuration: d0 on.
class AutobotWords : public WordList {
 public:
  AutobotWords() {
    add(WordKind::kFamily, {"xxs2scls", "xxcseq", "xxmseq", "xxnscls"});
    add(WordKind::kTimeShift, {"xxsep"});
    add(WordKind::kPitch, numbered("n", 0, 128));
    add(WordKind::kDuration, numbered("d", 0, kLongestWait + 1));
    add(WordKind::kTempo, numbered("mt", 0, 10));
    add(WordKind::kIgnore, numbered("dummy", 0, 4));
  }
};

const AutobotWords& words() {
  static const AutobotWords kWords;
  return kWords;
}

struct AutobotState {
  static constexpr int kTop = 128;
  WordKind last = WordKind::kNone;  // kRest: a wait is whole
  int pitch = kTop;                 // of the last note at this time

  void accept(TokenId token) {
    const Word word = words().word(token);
    if (word.kind == WordKind::kNone) return;
    const bool after_wait = last == WordKind::kTimeShift;
    last = word.kind;
    if (word.kind == WordKind::kPitch) pitch = word.value;
    if (word.kind == WordKind::kDuration && after_wait) {
      last = WordKind::kRest;
      pitch = kTop;
    }
  }
  int close_distance() const {
    switch (last) {
      case WordKind::kDuration:
        return 0;
      case WordKind::kPitch:
        return 1;
      case WordKind::kTimeShift:
        return 3;
      default:
        return 2;
    }
  }
};

// piece = [wait] time { wait time };  time = note { lower note };  note = n d;  wait = xxsep d
class AutobotGrammar final : public StateGrammar<AutobotGrammar, AutobotState, WordGrammar> {
 public:
  AutobotGrammar() : StateGrammar(words()) {}

 private:
  // A Duration is that of a wait, too.
  int durations_within(double quarters) const override {
    if (state_.last != WordKind::kPitch) return words().count(WordKind::kDuration);
    return 1 + int(std::min<double>(quarters * kStepsPerQuarter, kLongestNote));
  }
  Values legal_values(WordKind kind) const override {
    const WordKind last = state_.last;
    const bool between = last != WordKind::kPitch && last != WordKind::kTimeShift;
    if (kind == WordKind::kPitch) return {0, between ? state_.pitch : 0};
    if (kind == WordKind::kTimeShift) return {0, between && last != WordKind::kRest ? 1 : 0};
    if (kind != WordKind::kDuration || between) return {};
    return {1, 1 + (last == WordKind::kPitch ? kLongestNote : kLongestWait)};
  }
};

class AutobotMeter final : public LengthMeter {
 public:
  std::unique_ptr<LengthMeter> clone() const override { return std::make_unique<AutobotMeter>(*this); }
  void reset() override { *this = AutobotMeter(); }
  void accept(TokenId token) override {
    const Word word = words().word(token);
    if (word.kind == WordKind::kDuration && waits_) steps_ += word.value;
    waits_ = word.kind == WordKind::kTimeShift;
  }
  score::Seconds elapsed() const override { return score::Seconds(double(steps_) * 0.5 / kStepsPerQuarter); }
  MusicalPosition position() const override {
    return {.place = static_cast<int>(steps_ % kStepsPerBar), .step = steps_};
  }
  PositionRange position_range() const override { return {.places = kStepsPerBar}; }

 private:
  std::int64_t steps_ = 0;
  bool waits_ = false;
};

class Autobot final : public PlainTokenizer {
 public:
  Autobot() : PlainTokenizer("autobot", words().texts()) {}
  std::unique_ptr<TokenGrammar> grammar() const override { return std::make_unique<AutobotGrammar>(); }
  std::unique_ptr<LengthMeter> length_meter() const override { return std::make_unique<AutobotMeter>(); }
  // A length may be that of a wait, so a note is counted by its pitch.
  TokenizerTraits traits() const override {
    return list_traits(TimeDomain::kMusical, words(), [](Word word) {
      switch (word.kind) {
        case WordKind::kTimeShift:
          return TokenTraits{.advances_time = true};
        case WordKind::kPitch:
          return TokenTraits{.part_of_note = true, .strikes = true, .notes = 1};
        case WordKind::kDuration:
          return TokenTraits{.advances_time = true, .part_of_note = true};
        default:
          return TokenTraits{};  // words that no sequence of ours has
      }
    });
  }

  std::string losses(const Score& score) const override {
    LossList losses;
    losses.add_if(score.note_count() > 0, "velocities");
    add_track_losses(score, false, losses);
    add_time_losses(score, losses);
    int shortened = 0;
    if (placed_notes(score, shortened).ok()) losses.add(std::size_t(shortened), "overlong rest", "overlong rests");
    return losses.sentence();
  }

 private:
  static void settle(std::vector<GridNote>& notes) {
    for (GridNote& note : notes) note.duration = std::min<std::int64_t>(note.duration, kLongestNote);
    resolve_overlaps(notes);
  }

  static Result<std::vector<GridNote>> placed_notes(const Score& score, int& shortened) {
    CONTINUO_TRY(check_score(score));
    std::vector<GridNote> notes = one_voice(score, kStepsPerQuarter, false);
    for (GridNote& note : notes) note.velocity = kVelocity;
    settle(notes);
    shortened = shorten_silences(notes, kLongestWait, SilenceFrom::kLastOnset);
    if (shortened > 0) settle(notes);
    return notes;
  }

  Result<std::vector<GridNote>> grid_notes(const Score& score) const override {
    int shortened = 0;
    return placed_notes(score, shortened);
  }

  // At one time from the highest note down.
  std::vector<TokenId> encode_notes(const std::vector<GridNote>& notes) const override {
    std::vector<TokenId> tokens;
    tokens.reserve(3 * notes.size());
    std::int64_t now = 0;
    for (auto first = notes.begin(); first != notes.end();) {
      const auto last = std::find_if(first, notes.end(), [&](const GridNote& n) { return n.onset != first->onset; });
      if (first->onset > now) {
        tokens.push_back(words().first(WordKind::kTimeShift));
        tokens.push_back(words().id(WordKind::kDuration, first->onset - now));
      }
      now = first->onset;
      for (auto note = last; note != first;) {
        --note;
        tokens.push_back(words().id(WordKind::kPitch, note->pitch));
        tokens.push_back(words().id(WordKind::kDuration, note->duration));
      }
      first = last;
    }
    return tokens;
  }

  std::unique_ptr<GridReader> reader() const override { return std::make_unique<Reader>(); }

  class Reader final : public GridReader {
   public:
    void accept(TokenId token) override {
      const Word word = words().word(token);
      if (word.kind == WordKind::kPitch) note_.pitch = std::uint8_t(word.value);
      if (word.kind == WordKind::kDuration && waits_) note_.onset += word.value;
      if (word.kind == WordKind::kDuration && !waits_) {
        note_.duration = word.value;
        notes_.push_back(note_);
      }
      waits_ = word.kind == WordKind::kTimeShift;
    }
    std::vector<GridNote> finish() override {
      settle(notes_);
      return std::move(notes_);
    }

   private:
    GridNote note_{.velocity = kVelocity};
    bool waits_ = false;
  };
};

}  // namespace

std::shared_ptr<const Tokenizer> make_autobot() { return std::make_shared<Autobot>(); }

Result<std::shared_ptr<const Tokenizer>> autobot_from_json(const nlohmann::json&) { return make_autobot(); }

}  // namespace continuo::tokens
