#include "continuo/tokens/chorale_grid.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "../core/grid_notes.h"
#include "../core/loss_list.h"
#include "../core/piece_reader.h"
#include "../core/word_grammar.h"
#include "../core/word_traits.h"

namespace continuo::tokens {
namespace {

using score::Score;
using score::Ticks;

constexpr int kChoraleVoices = 4;
constexpr int kStepsPerQuarter = 4;
constexpr int kStepsPerBar = 4 * kStepsPerQuarter;
constexpr std::int64_t kTicksPerStep = 120;
constexpr std::uint8_t kVelocity = 80;
constexpr int kRest = -1;

// What each voice does at a step: a pitch or kRest.
using Step = std::array<int, kChoraleVoices>;
constexpr Step kSilence = {kRest, kRest, kRest, kRest};

// Of kind kRest and kPitch.
class ChoraleWords : public WordList {
 public:
  ChoraleWords() {
    add(WordKind::kRest, {"Rest"});
    add(WordKind::kPitch, numbered("Pitch_", 0, 128));
  }
};

const ChoraleWords& words() {
  static const ChoraleWords kWords;
  return kWords;
}

// Any four words are a step; the last step sounds. Where notes are limited, a voice that has held a pitch that long
// goes to another or rests.
class ChoraleGrammar final : public WordGrammar {
 public:
  ChoraleGrammar() : WordGrammar(words()) {}
  std::unique_ptr<TokenGrammar> clone() const override { return std::make_unique<ChoraleGrammar>(*this); }
  bool limit_notes(double longest) override {
    WordGrammar::limit_notes(longest);
    return true;
  }
  void reset() override {
    voice_ = 0;
    sounds_ = false;
    held_ = {};
  }
  void accept(TokenId token) override {
    const Word word = words().word(token);
    if (word.kind == WordKind::kNone) return;
    const int pitch = word.kind == WordKind::kPitch ? word.value : kRest;
    sounds_ = pitch != kRest || (voice_ > 0 && sounds_);
    Held& held = held_[voice_];
    held = {pitch, pitch == held.pitch ? held.steps + 1 : 1};
    voice_ = (voice_ + 1) % kChoraleVoices;
  }
  bool can_end() const override { return voice_ == 0 && sounds_; }
  int tokens_to_close() const override { return can_end() ? 0 : kChoraleVoices - static_cast<int>(voice_); }

 private:
  struct Held {
    int pitch = kRest;
    std::int64_t steps = 0;
  };
  Values legal_values(WordKind kind) const override { return {0, words().count(kind)}; }
  bool picks(WordKind kind) const override { return kind == WordKind::kPitch && longest_note() < kNoNoteLimit; }
  bool is_picked(WordKind, int pitch) const override {
    const Held& held = held_[voice_];
    return pitch != held.pitch || double(held.steps) < longest_note() * kStepsPerQuarter;
  }

  std::size_t voice_ = 0;  // that comes next
  bool sounds_ = false;    // in the step at hand, or the last whole one
  std::array<Held, kChoraleVoices> held_;
};

class ChoraleMeter final : public LengthMeter {
 public:
  std::unique_ptr<LengthMeter> clone() const override { return std::make_unique<ChoraleMeter>(*this); }
  void reset() override { words_ = 0; }
  void accept(TokenId token) override { words_ += token == kMask || words().word(token).kind != WordKind::kNone; }
  score::Seconds elapsed() const override {
    const auto steps = words_ / kChoraleVoices;
    return score::Seconds(double(steps) * 0.5 / kStepsPerQuarter);
  }
  MusicalPosition position() const override {
    const std::int64_t step = words_ / kChoraleVoices;
    return {static_cast<int>(step % kStepsPerBar), static_cast<int>(words_ % kChoraleVoices), step};
  }
  PositionRange position_range() const override { return {kStepsPerBar, kChoraleVoices, true}; }

 private:
  std::int64_t words_ = 0;
};

struct Chorale {
  std::vector<Step> steps;
  std::size_t left_out = 0;  // notes that no voice sings
};

// Lays the notes of `tracks` on the grid, one track a voice.
Chorale sing_tracks(const Score& score, const std::vector<const score::Track*>& tracks, std::size_t length) {
  Chorale chorale{std::vector<Step>(length, kSilence)};
  for (std::size_t voice = 0; voice < tracks.size(); ++voice) {
    for (const score::Note& note : tracks[voice]->notes) {
      const GridNote placed = snap_note(note, kStepsPerQuarter, score.ticks_per_quarter);
      bool is_sung = true;
      for (std::int64_t step = placed.onset; step < placed.end(); ++step) {
        int& pitch = chorale.steps[std::size_t(step)][voice];
        is_sung &= pitch == kRest || pitch == placed.pitch;
        pitch = std::max<int>(pitch, placed.pitch);
      }
      chorale.left_out += !is_sung;
    }
  }
  return chorale;
}

// Of the pitches that sound at a step the highest sings soprano, the next alto, tenor and bass; the bass is the lowest.
Chorale sing_chords(std::vector<GridNote> notes, std::size_t length) {
  Chorale chorale{std::vector<Step>(length, kSilence)};
  resolve_overlaps(notes);
  std::vector<GridNote> sounding;
  auto next = notes.begin();
  for (std::size_t step = 0; step < length; ++step) {
    std::erase_if(sounding, [&](const GridNote& note) { return note.end() <= std::int64_t(step); });
    for (; next != notes.end() && next->onset == std::int64_t(step); ++next) sounding.push_back(*next);
    std::sort(sounding.begin(), sounding.end(), [](auto& a, auto& b) { return a.pitch > b.pitch; });
    const std::size_t sung = std::min<std::size_t>(sounding.size(), kChoraleVoices);
    for (std::size_t voice = 0; voice < sung; ++voice) chorale.steps[step][voice] = sounding[voice].pitch;
    if (sounding.size() <= kChoraleVoices) continue;
    chorale.steps[step][kChoraleVoices - 1] = sounding.back().pitch;
    for (std::size_t i = kChoraleVoices - 1; i + 1 < sounding.size(); ++i)
      chorale.left_out += sounding[i].onset == std::int64_t(step);
  }
  return chorale;
}

Result<Chorale> chorale_of(const Score& score) {
  CONTINUO_TRY(check_score(score));
  const bool drums = takes_drums(score, false);
  std::vector<const score::Track*> tracks;
  for (const score::Track& track : score.tracks)
    if (track.is_drum == drums) tracks.push_back(&track);
  std::vector<GridNote> notes = one_voice(score, kStepsPerQuarter, false);
  std::sort(notes.begin(), notes.end(), [](auto& a, auto& b) { return a.onset < b.onset; });
  CONTINUO_TRY(check_length(notes, kStepsPerQuarter));
  std::int64_t end = 0;
  for (const GridNote& note : notes) end = std::max(end, note.end());
  if (end > kMaxQuarters * kStepsPerQuarter)
    return Error{ErrorCode::too_large, "a note ends behind " + std::to_string(kMaxQuarters) + " quarter notes"};
  Chorale chorale = tracks.size() == kChoraleVoices ? sing_tracks(score, tracks, std::size_t(end))
                                                    : sing_chords(std::move(notes), std::size_t(end));
  // Where a note that sounded longest was cut short, nothing is left at the end.
  while (chorale.steps.back() == kSilence) chorale.steps.pop_back();
  return chorale;
}

// Adds steps to four voices one after the other. A pitch that continues is held.
class ChoraleSinger {
 public:
  ChoraleSinger() {
    score_.tempos = {{Ticks(0), 500000}};
    score_.tracks.resize(kChoraleVoices);
  }
  // Appends to `events`, unless it is null, the note that `voice` ends here.
  void sing(std::size_t voice, int pitch, DecodedEvents* events) {
    std::vector<score::Note>& notes = score_.tracks[voice].notes;
    if (pitch != kRest && pitch == held_[voice]) {
      notes.back().duration = notes.back().duration + Ticks(kTicksPerStep);
    } else {
      end(voice, events);
      if (pitch != kRest)
        notes.push_back({Ticks(step_ * kTicksPerStep), Ticks(kTicksPerStep), std::uint8_t(pitch), kVelocity});
    }
    held_[voice] = pitch;
    step_ += voice + 1 == kChoraleVoices;
  }
  Score finish(DecodedEvents* events) {
    for (std::size_t voice = 0; voice < kChoraleVoices; ++voice) end(voice, events);
    return std::move(score_);
  }

 private:
  void end(std::size_t voice, DecodedEvents* events) const {
    if (events && held_[voice] != kRest)
      events->notes.push_back({.note = score_.tracks[voice].notes.back(), .track = static_cast<int>(voice)});
  }

  Score score_;
  Step held_ = kSilence;
  std::int64_t step_ = 0;
};

class ChoraleReader final : public PieceReader {
 public:
  void accept(std::span<const TokenId> tokens, DecodedEvents* events) override {
    for (const TokenId token : tokens) {
      const Word word = words().word(token);
      singer_.sing(voice_, word.kind == WordKind::kRest ? kRest : word.value, events);
      voice_ = (voice_ + 1) % kChoraleVoices;
    }
  }
  Result<Score> finish(DecodedEvents* events) override { return singer_.finish(events); }

 private:
  ChoraleSinger singer_;
  std::size_t voice_ = 0;  // that comes next
};

Score to_score(const std::vector<Step>& steps) {
  ChoraleSinger singer;
  for (const Step& step : steps)
    for (std::size_t voice = 0; voice < kChoraleVoices; ++voice) singer.sing(voice, step[voice], nullptr);
  return singer.finish(nullptr);
}

class ChoraleGrid final : public Tokenizer {
 public:
  std::string_view name() const override { return "chorale_grid"; }
  const Vocabulary& vocabulary() const override { return vocabulary_; }

  Result<std::vector<TokenId>> encode(const Score& score) const override {
    CONTINUO_ASSIGN(const Chorale chorale, chorale_of(score));
    std::vector<TokenId> tokens;
    tokens.reserve(chorale.steps.size() * kChoraleVoices);
    for (const Step& step : chorale.steps)
      for (const int pitch : step)
        tokens.push_back(pitch == kRest ? words().first(WordKind::kRest) : words().id(WordKind::kPitch, pitch));
    return tokens;
  }

  std::unique_ptr<TokenDecoder> decoder() const override {
    return make_decoder(*this, Score().ticks_per_quarter, std::make_unique<ChoraleReader>());
  }

  Result<Score> quantise(const Score& score) const override {
    CONTINUO_ASSIGN(const Chorale chorale, chorale_of(score));
    return to_score(chorale.steps);
  }

  std::string losses(const Score& score) const override {
    LossList losses;
    losses.add_if(score.note_count() > 0, "velocities");
    losses.add_if(score.note_count() > 0, "whether a note is struck again or held");
    add_track_losses(score, false, losses);
    if (const Result<Chorale> chorale = chorale_of(score); chorale.ok())
      losses.add(chorale->left_out, "note beyond four voices", "notes beyond four voices");
    add_time_losses(score, losses);
    return losses.sentence();
  }

  std::unique_ptr<TokenGrammar> grammar() const override { return std::make_unique<ChoraleGrammar>(); }
  std::vector<std::size_t> bar_starts(std::span<const TokenId>) const override { return {}; }
  std::unique_ptr<LengthMeter> length_meter() const override { return std::make_unique<ChoraleMeter>(); }
  // Four words are a step, whatever they are.
  TokenizerTraits traits() const override {
    return list_traits(TimeDomain::kMusical, words(), [](Word word) {
      const bool sounds = word.kind == WordKind::kPitch;
      return TokenTraits{.advances_time = true,
                         .part_of_note = sounds,
                         .strikes = sounds,
                         .notes = static_cast<std::uint16_t>(sounds)};
    });
  }
  nlohmann::json to_json() const override { return {{"name", "chorale_grid"}, {"options", nlohmann::json::object()}}; }

 private:
  Vocabulary vocabulary_ = Vocabulary::make(words().texts()).value();
};

}  // namespace

std::shared_ptr<const Tokenizer> make_chorale_grid() { return std::make_shared<ChoraleGrid>(); }

Result<std::shared_ptr<const Tokenizer>> chorale_grid_from_json(const nlohmann::json&) { return make_chorale_grid(); }

}  // namespace continuo::tokens
