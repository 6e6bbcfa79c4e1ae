#include "continuo/tokens/performance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "continuo/tokens/event_words.h"

#include "../core/grid_notes.h"
#include "../core/loss_list.h"
#include "../core/options_json.h"
#include "../core/piece_reader.h"
#include "../core/velocity_bins.h"
#include "performance_grammar.h"
#include "performed_notes.h"

namespace continuo::tokens {
namespace {

using namespace performance_words;
using score::Score;
using score::Seconds;

constexpr std::int32_t kMicrosecondsPerQuarter = 500000;

Vocabulary make_vocabulary() {
  std::vector<std::string> words;
  for (int pitch = 0; pitch < kPitches; ++pitch) words.push_back("NoteOn_" + std::to_string(pitch));
  for (int pitch = 0; pitch < kPitches; ++pitch) words.push_back("NoteOff_" + std::to_string(pitch));
  for (int steps = 1; steps <= kMaxShift; ++steps) words.push_back("TimeShift_" + std::to_string(steps));
  for (int bin = 0; bin < kVelocityBins; ++bin) words.push_back("Velocity_" + std::to_string(bin));
  return Vocabulary::make(std::move(words)).value();
}

EventWords make_event_words() {
  EventWords words{.key_down = kNoteOn,
                   .key_up = kNoteOff,
                   .wait = kTimeShift,
                   .longest_wait = kMaxShift,
                   .loudness = kVelocity,
                   .steps_per_second = kStepsPerSecond,
                   .longest_note = kMaxNoteSteps,
                   .longest_silence = kMaxSilenceSteps};
  for (int bin = 0; bin < kVelocityBins; ++bin) words.velocities[std::size_t(bin)] = velocity_of_bin(bin);
  return words;
}

class PerformanceMeter final : public LengthMeter {
 public:
  std::unique_ptr<LengthMeter> clone() const override { return std::make_unique<PerformanceMeter>(*this); }
  void reset() override { steps_ = 0; }
  void accept(TokenId token) override {
    if (token >= kTimeShift && token < kVelocity) steps_ += token - kTimeShift + 1;
  }
  Seconds elapsed() const override { return Seconds(double(steps_) / kStepsPerSecond); }
  MusicalPosition position() const override { return {.step = steps_}; }
  PositionRange position_range() const override { return {}; }

 private:
  std::int64_t steps_ = 0;
};

// Writes events in the order of the grammar.
class EventWriter {
 public:
  void note_off(std::int64_t time, int pitch) {
    advance(time);
    tokens.push_back(kNoteOff + pitch);
  }
  void note_on(std::int64_t time, int pitch, int bin) {
    advance(time);
    if (bin != velocity_) tokens.push_back(kVelocity + bin);
    velocity_ = bin;
    tokens.push_back(kNoteOn + pitch);
  }
  std::vector<TokenId> tokens;

 private:
  void advance(std::int64_t time) {
    while (now_ < time) {
      const int steps = int(std::min<std::int64_t>(time - now_, kMaxShift));
      tokens.push_back(kTimeShift + steps - 1);
      now_ += steps;
    }
  }
  std::int64_t now_ = 0;
  int velocity_ = -1;
};

std::vector<TokenId> encode_notes(const std::vector<GridNote>& notes) {
  std::vector<std::pair<std::int64_t, int>> offs;
  offs.reserve(notes.size());
  for (const GridNote& note : notes) offs.emplace_back(note.end(), note.pitch);
  std::sort(offs.begin(), offs.end());

  EventWriter writer;
  auto off = offs.begin();
  for (const GridNote& note : notes) {
    for (; off != offs.end() && off->first <= note.onset; ++off) writer.note_off(off->first, off->second);
    writer.note_on(note.onset, note.pitch, velocity_bin(note.velocity));
  }
  for (; off != offs.end(); ++off) writer.note_off(off->first, off->second);
  return std::move(writer.tokens);
}

Score score_of(const std::vector<GridNote>& notes) {
  Score score;
  score.ticks_per_quarter = kPerformanceTicksPerQuarter;
  score.tempos = {{score::Ticks(0), kMicrosecondsPerQuarter}};
  score.tracks = tracks_of(notes, kPerformanceTicksPerStep);
  return score;
}

// A note is given when it is released.
class PerformanceReader final : public PieceReader {
 public:
  explicit PerformanceReader(std::uint16_t voice) : voice_(voice) {}
  void accept(std::span<const TokenId> tokens, DecodedEvents* events) override {
    for (const TokenId token : tokens) {
      if (token >= kVelocity) {
        velocity_ = velocity_of_bin(token - kVelocity);
      } else if (token >= kTimeShift) {
        now_ += token - kTimeShift + 1;
      } else if (token >= kNoteOff) {
        GridNote note = sounding_[std::size_t(token - kNoteOff)];
        note.duration = now_ - note.onset;
        notes_.push_back(note);
        if (events) events->notes.push_back(decoded_note(note, kPerformanceTicksPerStep));
      } else {
        const int pitch = token - kNoteOn;
        sounding_[std::size_t(pitch)] = {now_, 0, voice_, std::uint8_t(pitch), velocity_};
      }
    }
  }
  Result<Score> finish(DecodedEvents*) override { return score_of(notes_); }

 private:
  std::uint16_t voice_;
  std::vector<GridNote> notes_;
  std::array<GridNote, kPitches> sounding_;
  std::int64_t now_ = 0;
  std::uint8_t velocity_ = 0;
};

class Performance final : public Tokenizer {
 public:
  explicit Performance(const PerformanceOptions& options) : options_(options), vocabulary_(make_vocabulary()) {}

  std::string_view name() const override { return "performance"; }
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  const EventWords* event_words() const override { return options_.drums ? nullptr : &event_words_; }

  Result<std::vector<TokenId>> encode(const Score& score) const override {
    int shortened = 0;
    CONTINUO_ASSIGN(const std::vector<GridNote> notes, performed_notes(score, options_.drums, shortened));
    return encode_notes(notes);
  }

  std::unique_ptr<TokenDecoder> decoder() const override {
    return make_decoder(*this, kPerformanceTicksPerQuarter, std::make_unique<PerformanceReader>(voice()));
  }

  Result<Score> quantise(const Score& score) const override {
    int shortened = 0;
    CONTINUO_ASSIGN(std::vector<GridNote> notes, performed_notes(score, options_.drums, shortened));
    for (GridNote& note : notes) note.voice = voice();
    return score_of(notes);
  }

  std::string losses(const Score& score) const override { return performance_losses(score, options_.drums); }

  std::unique_ptr<TokenGrammar> grammar() const override { return std::make_unique<PerformanceGrammar>(); }
  std::vector<std::size_t> bar_starts(std::span<const TokenId>) const override { return {}; }
  std::unique_ptr<LengthMeter> length_meter() const override { return std::make_unique<PerformanceMeter>(); }
  TokenizerTraits traits() const override {
    TokenizerTraits traits{TimeDomain::kClock, std::vector<TokenTraits>(static_cast<std::size_t>(kEnd))};
    const auto set = [&](TokenId begin, TokenId end, TokenTraits each) {
      std::fill(traits.tokens.begin() + begin, traits.tokens.begin() + end, each);
    };
    set(kNoteOn, kNoteOff, {.part_of_note = true, .strikes = true});
    set(kNoteOff, kTimeShift, {.part_of_note = true, .notes = 1});
    set(kTimeShift, kVelocity, {.advances_time = true});
    set(kVelocity, kEnd, {.part_of_note = true});
    return traits;
  }

  nlohmann::json to_json() const override {
    return {{"name", "performance"}, {"options", {{"drums", options_.drums}}}};
  }

 private:
  std::uint16_t voice() const { return options_.drums ? kDrumVoice : 0; }

  PerformanceOptions options_;
  Vocabulary vocabulary_;
  EventWords event_words_ = make_event_words();
};

}  // namespace

std::shared_ptr<const Tokenizer> make_performance(const PerformanceOptions& options) {
  return std::make_shared<Performance>(options);
}

Result<std::shared_ptr<const Tokenizer>> performance_from_json(const nlohmann::json& description) {
  PerformanceOptions options;
  CONTINUO_ASSIGN(options.drums, bool_option(description, "drums"));
  return make_performance(options);
}

}  // namespace continuo::tokens
