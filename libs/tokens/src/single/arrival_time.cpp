#include "continuo/tokens/arrival_time.h"

#include <algorithm>
#include <cmath>

#include "../core/loss_list.h"
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

// piece = { [Later...] Time Duration Note }; times rise or stay after Later, and notes of one time rise.
class ArrivalGrammar final : public WordGrammar {
 public:
  ArrivalGrammar() : WordGrammar(words()) {}
  std::unique_ptr<TokenGrammar> clone() const override { return std::make_unique<ArrivalGrammar>(*this); }
  void reset() override { *this = ArrivalGrammar(); }
  void accept(TokenId token) override {
    const Word word = words().word(token);
    if (word.kind == WordKind::kNone) return;
    last_ = word.kind;
    if (word.kind == WordKind::kBar) time_ = 0;
    if (word.kind == WordKind::kPosition && word.value != time_) note_ = -1;
    if (word.kind == WordKind::kPosition) time_ = word.value;
    if (word.kind == WordKind::kBar) note_ = -1;
    if (word.kind == WordKind::kPitch) note_ = word.value;
  }
  bool can_end() const override { return last_ == WordKind::kPitch; }
  int tokens_to_close() const override { return close_distance(last_); }
  int tokens_to_close_after(TokenId token) const override { return close_distance(words().word(token).kind); }

 private:
  static int close_distance(WordKind last) {
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
  Values legal_values(WordKind kind) const override {
    const int count = words().count(kind);
    const bool between = close_distance(last_) == 3 || last_ == WordKind::kPitch;
    switch (kind) {
      case WordKind::kBar:
        return {0, between ? 1 : 0};
      case WordKind::kPosition:
        return {time_ + int(note_ + 1 == words().count(WordKind::kPitch)), between ? count : 0};
      case WordKind::kDuration:
        return {0, last_ == WordKind::kPosition ? count : 0};
      case WordKind::kPitch:
        return {note_ + 1, last_ == WordKind::kDuration ? count : 0};
      default:
        return {};
    }
  }

  WordKind last_ = WordKind::kNone;
  int time_ = 0;
  int note_ = -1;  // the last at this time
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
  ArrivalTime() : PlainTokenizer("arrival_time", words().spelling()) {}
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

  std::vector<TokenId> spell(const std::vector<GridNote>& notes) const override {
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

  std::vector<GridNote> read(std::span<const TokenId> tokens) const override {
    std::vector<GridNote> notes;
    ArrivalClock clock;
    GridNote note;
    note.velocity = kVelocity;
    for (const TokenId token : tokens) {
      const Word word = words().word(token);
      clock.accept(word);
      if (word.kind == WordKind::kDuration) note.duration = word.value + 1;
      if (word.kind != WordKind::kPitch) continue;
      note.onset = clock.now;
      note.voice = std::uint16_t(word.value / 128);
      note.pitch = std::uint8_t(word.value % 128);
      notes.push_back(note);
    }
    settle(notes);
    return notes;
  }

  Score to_score(const std::vector<GridNote>& notes) const override {
    Score score;
    score.ticks_per_quarter = kTicksPerQuarter;
    score.tempos = {{score::Ticks(0), 500000}};
    score.tracks = tracks_of(notes, kTicksPerStep);
    return score;
  }
};

}  // namespace

std::shared_ptr<const Tokenizer> make_arrival_time() { return std::make_shared<ArrivalTime>(); }

Result<std::shared_ptr<const Tokenizer>> arrival_time_from_json(const nlohmann::json&) { return make_arrival_time(); }

}  // namespace continuo::tokens
