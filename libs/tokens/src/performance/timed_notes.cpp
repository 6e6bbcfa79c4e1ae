#include "continuo/tokens/timed_notes.h"

#include <algorithm>
#include <array>
#include <vector>

#include "../core/state_grammar.h"
#include "../core/velocity_bins.h"
#include "../core/word_grammar.h"
#include "../core/word_traits.h"
#include "../single/plain_tokenizer.h"
#include "performance_grammar.h"
#include "performed_notes.h"

namespace continuo::tokens {
namespace {

using namespace performance_words;
using score::Score;
using score::Seconds;

// Units: steps. Each within 2.5 % of any duration beyond a second.
const std::vector<int>& durations() {
  static const std::vector<int> kDurations = [] {
    std::vector<int> values;
    for (int steps = 1; steps < kStepsPerSecond; ++steps) values.push_back(steps);
    for (int steps = kStepsPerSecond; steps < 5 * kStepsPerSecond; steps += 5) values.push_back(steps);
    for (int steps = 5 * kStepsPerSecond; steps <= kMaxNoteSteps; steps += 25) values.push_back(steps);
    return values;
  }();
  return kDurations;
}

// Range: steps >= 1.
std::size_t longest_up_to(std::int64_t steps) {
  const auto above = std::upper_bound(durations().begin(), durations().end(), steps);
  return std::size_t(above - durations().begin()) - 1;
}

std::size_t nearest(std::int64_t steps) {
  const std::size_t below = longest_up_to(steps), above = std::min(below + 1, durations().size() - 1);
  return durations()[above] - steps < steps - durations()[below] ? above : below;
}

class TimedWords : public WordList {
 public:
  TimedWords() {
    add(WordKind::kTimeShift, numbered("TimeShift_", 1, kMaxShift));
    add(WordKind::kPitch, numbered("Pitch_", 0, kPitches));
    add(WordKind::kVelocity, numbered("Velocity_", 0, kVelocityBins));
    add(WordKind::kDuration, numbered("Duration_", durations()));
  }
};

const TimedWords& words() {
  static const TimedWords kWords;
  return kWords;
}

struct TimedState {
  WordKind last = WordKind::kNone;
  bool short_shift = false;                   // the last word was a TimeShift, not of the longest
  int pitch = -1;                             // the last at this time
  std::int64_t now = 0;                       // Units: steps
  std::array<std::int64_t, kPitches> ends{};  // of each pitch, 0 before its first note

  void accept(TokenId token) {
    const Word word = words().word(token);
    if (word.kind == WordKind::kNone) return;
    last = word.kind;
    short_shift = word.kind == WordKind::kTimeShift && word.value + 1 < kMaxShift;
    if (word.kind == WordKind::kTimeShift) {
      now += word.value + 1;
      pitch = -1;
    }
    if (word.kind == WordKind::kPitch) pitch = word.value;
    if (word.kind == WordKind::kDuration) ends[std::size_t(pitch)] = now + durations()[std::size_t(word.value)];
  }
  int close_distance() const {
    switch (last) {
      case WordKind::kDuration:
        return 0;
      case WordKind::kVelocity:
        return 1;
      case WordKind::kPitch:
        return 2;
      default:
        return 3;
    }
  }
};

// piece = { [TimeShift...] Pitch Velocity Duration }; all shifts of a wait but the last are the longest; the pitches of
// one time rise; no silence is longer than its limit.
class TimedGrammar final : public StateGrammar<TimedGrammar, TimedState, WordGrammar> {
 public:
  TimedGrammar() : StateGrammar(words()) {}
  bool limit_silence(double longest) override {
    longest_silence_ = silence_steps(longest);
    return true;
  }

 private:
  int durations_within(double seconds) const override {
    const auto above = std::ranges::upper_bound(durations(), seconds * kStepsPerSecond);
    return int(above - durations().begin());
  }
  Values legal_values(WordKind kind) const override {
    const int count = words().count(kind);
    const bool between = can_end() || state_.close_distance() == 3;
    switch (kind) {
      case WordKind::kTimeShift:
        return {0, between && !state_.short_shift ? std::min(count, longest_shift()) : 0};
      case WordKind::kPitch:
        return {state_.pitch + 1, between ? count : 0};
      case WordKind::kVelocity:
        return {0, state_.last == WordKind::kPitch ? count : 0};
      case WordKind::kDuration:
        return {0, state_.last == WordKind::kVelocity ? count : 0};
      default:
        return {};
    }
  }
  // Units: steps.
  int longest_shift() const {
    const std::int64_t left = std::ranges::max(state_.ends) + longest_silence_ - state_.now;
    return int(std::clamp<std::int64_t>(left, 0, kMaxShift));
  }

  std::int64_t longest_silence_ = kMaxSilenceSteps;
};

class TimedMeter final : public LengthMeter {
 public:
  std::unique_ptr<LengthMeter> clone() const override { return std::make_unique<TimedMeter>(*this); }
  void reset() override { steps_ = 0; }
  void accept(TokenId token) override {
    const Word word = words().word(token);
    if (word.kind == WordKind::kTimeShift) steps_ += word.value + 1;
  }
  Seconds elapsed() const override { return Seconds(double(steps_) / kStepsPerSecond); }
  MusicalPosition position() const override { return {.step = steps_}; }
  PositionRange position_range() const override { return {}; }

 private:
  std::int64_t steps_ = 0;
};

// Gives each note the duration of a word that is nearest to its own and does not reach the next strike of its pitch.
// Requires: resolved overlaps.
void settle_durations(std::vector<GridNote>& notes) {
  std::array<std::int64_t, kPitches> next{};
  next.fill(kMaxTicks);
  for (std::size_t i = notes.size(); i-- > 0;) {
    GridNote& note = notes[i];
    const std::int64_t room = next[note.pitch] - note.onset, wanted = durations()[nearest(note.duration)];
    note.duration = wanted <= room ? wanted : durations()[longest_up_to(note.duration)];
    next[note.pitch] = note.onset;
  }
}

// A duration that is now shorter makes a longer silence.
void settle(std::vector<GridNote>& notes) {
  settle_durations(notes);
  shorten_silences(notes, kMaxSilenceSteps, SilenceFrom::kLastEnd);
}

class TimedReader final : public GridReader {
 public:
  void accept(TokenId token) override {
    const Word word = words().word(token);
    if (word.kind == WordKind::kTimeShift) now_ += word.value + 1;
    if (word.kind == WordKind::kPitch) pitch_ = word.value;
    if (word.kind == WordKind::kVelocity) velocity_ = velocity_of_bin(word.value);
    if (word.kind != WordKind::kDuration) return;
    notes_.push_back({.onset = now_,
                      .duration = durations()[std::size_t(word.value)],
                      .pitch = static_cast<std::uint8_t>(pitch_),
                      .velocity = static_cast<std::uint8_t>(velocity_)});
  }
  std::vector<GridNote> finish() override {
    resolve_overlaps(notes_);
    settle(notes_);
    return std::move(notes_);
  }

 private:
  std::int64_t now_ = 0;
  int pitch_ = 0, velocity_ = 0;
};

class TimedNotes final : public PlainTokenizer {
 public:
  TimedNotes()
      : PlainTokenizer("timed_notes", words().texts(), {kPerformanceTicksPerQuarter, kPerformanceTicksPerStep}) {}
  std::unique_ptr<TokenGrammar> grammar() const override { return std::make_unique<TimedGrammar>(); }
  std::unique_ptr<LengthMeter> length_meter() const override { return std::make_unique<TimedMeter>(); }
  TokenizerTraits traits() const override {
    return list_traits(TimeDomain::kClock, words(), [](Word word) {
      TokenTraits traits = word_traits(word);
      traits.notes = static_cast<std::uint16_t>(word.kind == WordKind::kDuration);
      return traits;
    });
  }
  std::string losses(const Score& score) const override { return performance_losses(score, false); }

 private:
  Result<std::vector<GridNote>> grid_notes(const Score& score) const override {
    int shortened = 0;
    CONTINUO_ASSIGN(std::vector<GridNote> notes, performed_notes(score, false, shortened));
    for (GridNote& note : notes) note.voice = 0;
    settle(notes);
    return notes;
  }

  std::vector<TokenId> encode_notes(const std::vector<GridNote>& notes) const override {
    std::vector<TokenId> tokens;
    tokens.reserve(4 * notes.size());
    std::int64_t now = 0;
    for (const GridNote& note : notes) {
      while (now < note.onset) {
        const std::int64_t steps = std::min<std::int64_t>(note.onset - now, kMaxShift);
        tokens.push_back(words().id(WordKind::kTimeShift, steps - 1));
        now += steps;
      }
      tokens.push_back(words().id(WordKind::kPitch, note.pitch));
      tokens.push_back(words().id(WordKind::kVelocity, velocity_bin(note.velocity)));
      tokens.push_back(words().id(WordKind::kDuration, std::int64_t(nearest(note.duration))));
    }
    return tokens;
  }

  std::unique_ptr<GridReader> reader() const override { return std::make_unique<TimedReader>(); }
};

}  // namespace

std::shared_ptr<const Tokenizer> make_timed_notes() { return std::make_shared<TimedNotes>(); }

Result<std::shared_ptr<const Tokenizer>> timed_notes_from_json(const nlohmann::json&) { return make_timed_notes(); }

}  // namespace continuo::tokens
