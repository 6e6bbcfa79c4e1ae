#include "continuo/tokens/arrival_time.h"

#include <algorithm>
#include <cmath>

#include "../core/loss_list.h"
#include "../core/state_grammar.h"
#include "../core/word_grammar.h"
#include "../core/word_traits.h"
#include "plain_tokenizer.h"

namespace continuo::tokens {
namespace {

using score::Score;
using score::Seconds;

constexpr int kStepsPerSecond = 100;
constexpr int kWindow = 100 * kStepsPerSecond;
constexpr int kLongestNote = 10 * kStepsPerSecond;
constexpr std::int64_t kLongestSilence = 60 * kStepsPerSecond;
constexpr std::int32_t kTicksPerQuarter = 500;
constexpr std::int64_t kTicksPerStep = 10;
constexpr std::uint8_t kVelocity = 80;

// Of kind kBar: Later. kPosition: the time in steps since the last Later. kPitch: instrument * 128 + pitch.
class ArrivalWords : public WordList {
 public:
  ArrivalWords() {
    add(WordKind::kBar, {"Later"});
    add(WordKind::kPosition, numbered("Time_", 0, kWindow));
    add(WordKind::kDuration, numbered("Duration_", 1, kLongestNote));
    std::vector<std::string> notes;
    for (int voice = 0; voice < kVoices; ++voice) {
      const std::string instrument = voice == kDrumVoice ? "drum" : std::to_string(voice);
      for (int pitch = 0; pitch < 128; ++pitch) notes.push_back("Note_" + instrument + "_" + std::to_string(pitch));
    }
    add(WordKind::kPitch, std::move(notes));
  }
};

const ArrivalWords& words() {
  static const ArrivalWords kWords;
  return kWords;
}

struct ArrivalState {
  WordKind last = WordKind::kNone;
  int time = 0;
  int note = -1;  // the last at this time

  void accept(TokenId token) {
    const Word word = words().word(token);
    if (word.kind == WordKind::kNone) return;
    last = word.kind;
    if (word.kind == WordKind::kBar) time = 0;
    if (word.kind == WordKind::kBar || (word.kind == WordKind::kPosition && word.value != time)) note = -1;
    if (word.kind == WordKind::kPosition) time = word.value;
    if (word.kind == WordKind::kPitch) note = word.value;
  }
  int close_distance() const {
    switch (last) {
      case WordKind::kPitch:
        return 0;
      case WordKind::kDuration:
        return 1;
      case WordKind::kPosition:
        return 2;
      default:
        return 3;
    }
  }
};

// piece = { [Later...] Time Duration Note }; times rise or stay after Later, and notes of one time rise.
class ArrivalGrammar final : public StateGrammar<ArrivalGrammar, ArrivalState, WordGrammar> {
 public:
  ArrivalGrammar() : StateGrammar(words()) {}

 private:
  int durations_within(double seconds) const override {
    return int(std::min<double>(seconds * kStepsPerSecond, kLongestNote));
  }
  Values legal_values(WordKind kind) const override {
    const auto& [last, time, note] = state_;
    const int count = words().count(kind);
    const bool between = state_.close_distance() == 3 || last == WordKind::kPitch;
    switch (kind) {
      case WordKind::kBar:
        return {0, between ? 1 : 0};
      case WordKind::kPosition:
        return {time + int(note + 1 == words().count(WordKind::kPitch)), between ? count : 0};
      case WordKind::kDuration:
        return {0, last == WordKind::kPosition ? count : 0};
      case WordKind::kPitch:
        return {note + 1, last == WordKind::kDuration ? count : 0};
      default:
        return {};
    }
  }
};

// Where words have come to.
struct ArrivalClock {
  std::int64_t window = 0, now = 0;
  void accept(Word word) {
    if (word.kind == WordKind::kBar) now = window += kWindow;
    if (word.kind == WordKind::kPosition) now = window + word.value;
  }
};

class ArrivalMeter final : public LengthMeter {
 public:
  std::unique_ptr<LengthMeter> clone() const override { return std::make_unique<ArrivalMeter>(*this); }
  void reset() override { clock_ = {}; }
  void accept(TokenId token) override { clock_.accept(words().word(token)); }
  Seconds elapsed() const override { return Seconds(double(clock_.now) / kStepsPerSecond); }
  MusicalPosition position() const override { return {.step = clock_.now}; }
  PositionRange position_range() const override { return {}; }

 private:
  ArrivalClock clock_;
};

class ArrivalTime final : public PlainTokenizer {
 public:
  ArrivalTime() : PlainTokenizer("arrival_time", words().texts(), {kTicksPerQuarter, kTicksPerStep}) {}
  std::unique_ptr<TokenGrammar> grammar() const override { return std::make_unique<ArrivalGrammar>(); }
  std::unique_ptr<LengthMeter> length_meter() const override { return std::make_unique<ArrivalMeter>(); }
  TokenizerTraits traits() const override {
    return list_traits(TimeDomain::kClock, words(), [](Word word) {
      if (word.kind == WordKind::kBar) return TokenTraits{.advances_time = true};  // Later
      TokenTraits traits = word_traits(word);
      traits.notes = static_cast<std::uint16_t>(word.kind == WordKind::kPitch);
      return traits;
    });
  }

  std::string losses(const Score& score) const override {
    LossList losses;
    losses.add_if(score.note_count() > 0, "velocities");
    losses.add_if(shares_instruments(score), "which of several tracks of one instrument a note belongs to");
    add_time_losses(score, losses);
    int shortened = 0;
    if (placed_notes(score, shortened).ok())
      losses.add(std::size_t(shortened), "silence beyond 60 s", "silences beyond 60 s");
    return losses.sentence();
  }

 private:
  static int settle(std::vector<GridNote>& notes) {
    for (GridNote& note : notes) note.duration = std::clamp<std::int64_t>(note.duration, 1, kLongestNote);
    resolve_overlaps(notes);
    const int shortened = shorten_silences(notes, kLongestSilence, SilenceFrom::kLastEnd);
    if (shortened > 0) resolve_overlaps(notes);
    return shortened;
  }

  static Result<std::vector<GridNote>> placed_notes(const Score& score, int& shortened) {
    CONTINUO_TRY(check_score(score));
    const score::TempoMap tempo_map = score.tempo_map();
    const auto step = [&](score::Ticks time) {
      return std::llround(std::max(0.0, tempo_map.to_seconds(time).value) * kStepsPerSecond);
    };
    std::vector<GridNote> notes;
    notes.reserve(score.note_count());
    for (const score::Track& track : score.tracks) {
      for (const score::Note& note : track.notes) {
        GridNote placed = snap_note(note, 1, score.ticks_per_quarter);
        placed.onset = step(note.onset);
        placed.duration = step(note.end()) - placed.onset;
        placed.voice = voice_of(track);
        placed.velocity = kVelocity;
        notes.push_back(placed);
      }
    }
    shortened = settle(notes);
    return notes;
  }

  Result<std::vector<GridNote>> grid_notes(const Score& score) const override {
    int shortened = 0;
    return placed_notes(score, shortened);
  }

  std::vector<TokenId> encode_notes(const std::vector<GridNote>& notes) const override {
    std::vector<TokenId> tokens;
    tokens.reserve(3 * notes.size());
    std::int64_t window = 0;
    for (const GridNote& note : notes) {
      for (; note.onset >= window + kWindow; window += kWindow) tokens.push_back(words().first(WordKind::kBar));
      tokens.push_back(words().id(WordKind::kPosition, note.onset - window));
      tokens.push_back(words().id(WordKind::kDuration, note.duration - 1));
      tokens.push_back(words().id(WordKind::kPitch, note.voice * 128 + note.pitch));
    }
    return tokens;
  }

  std::unique_ptr<GridReader> reader() const override { return std::make_unique<Reader>(); }

  class Reader final : public GridReader {
   public:
    void accept(TokenId token) override {
      const Word word = words().word(token);
      clock_.accept(word);
      if (word.kind == WordKind::kDuration) duration_ = word.value + 1;
      if (word.kind != WordKind::kPitch) return;
      notes_.push_back({.onset = clock_.now,
                        .duration = duration_,
                        .voice = static_cast<std::uint16_t>(word.value / 128),
                        .pitch = static_cast<std::uint8_t>(word.value % 128),
                        .velocity = kVelocity});
    }
    std::vector<GridNote> finish() override {
      settle(notes_);
      return std::move(notes_);
    }

   private:
    ArrivalClock clock_;
    int duration_ = 1;
  };
};

}  // namespace

std::shared_ptr<const Tokenizer> make_arrival_time() { return std::make_shared<ArrivalTime>(); }

Result<std::shared_ptr<const Tokenizer>> arrival_time_from_json(const nlohmann::json&) { return make_arrival_time(); }

}  // namespace continuo::tokens
