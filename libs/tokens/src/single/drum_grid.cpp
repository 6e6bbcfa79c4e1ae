#include "continuo/tokens/drum_grid.h"

#include <algorithm>
#include <array>
#include <utility>

#include "../core/loss_list.h"
#include "../core/state_grammar.h"
#include "../core/velocity_bins.h"
#include "../core/word_grammar.h"
#include "../core/word_traits.h"
#include "plain_tokenizer.h"

namespace continuo::tokens {
namespace {

using score::Score;

constexpr int kStepsPerBar = 16;
constexpr int kPartsPerStep = 16;
constexpr int kPartsPerQuarter = 4 * kPartsPerStep;
constexpr int kFirstOffset = -kPartsPerStep / 2;
constexpr std::int32_t kTicksPerQuarter = 960;
constexpr std::int64_t kTicksPerPart = kTicksPerQuarter / kPartsPerQuarter;
constexpr std::int64_t kHitLength = kPartsPerStep / 2;  // a hit does not last; so long it is written

// A drum, how it is decoded, and the keys that mean it: the paper's, then other General MIDI percussion.
struct Drum {
  const char* name;
  std::uint8_t pitch;
  std::array<std::uint8_t, 16> keys;  // ends with 0
};
constexpr std::array<Drum, 9> kKit = {{{"kick", 36, {36, 35}},
                                       {"snare", 38, {38, 40, 37, 39, 27, 28, 31, 32, 33, 34, 56, 65, 66, 75, 85}},
                                       {"closed_hat", 42, {42, 22, 44, 54, 68, 69, 70, 71, 73, 78, 80}},
                                       {"open_hat", 46, {46, 26, 67, 72, 74, 79, 81}},
                                       {"low_tom", 43, {43, 58, 41, 29, 61, 64, 84}},
                                       {"mid_tom", 47, {47, 45, 60, 63, 77, 86, 87}},
                                       {"high_tom", 50, {50, 48, 30, 62, 76, 83}},
                                       {"crash", 49, {49, 55, 57, 52}},
                                       {"ride", 51, {51, 59, 53, 82}}}};
// How many of a drum's keys are the paper's.
constexpr std::array<int, 9> kPaperKeys = {1, 3, 3, 2, 2, 2, 2, 4, 3};
constexpr int kSnare = 1;

// By key: the drum; keys that are no percussion sound like the snare.
const std::array<std::uint8_t, 128>& drums_by_key() {
  static const std::array<std::uint8_t, 128> kDrums = [] {
    std::array<std::uint8_t, 128> drums;
    drums.fill(kSnare);
    for (std::size_t drum = 0; drum < kKit.size(); ++drum)
      for (const std::uint8_t key : kKit[drum].keys)
        if (key > 0) drums[key] = std::uint8_t(drum);
    return drums;
  }();
  return kDrums;
}

bool is_of_the_kit(std::uint8_t key) {
  for (std::size_t drum = 0; drum < kKit.size(); ++drum) {
    const auto last = kKit[drum].keys.begin() + kPaperKeys[drum];
    if (std::find(kKit[drum].keys.begin(), last, key) != last) return true;
  }
  return false;
}

// kPosition: the step in its bar. kPitch: a drum. kMicroTiming: sixteenths of a step, the first is kFirstOffset.
class DrumWords : public WordList {
 public:
  DrumWords() {
    add(WordKind::kBar, {"Bar"});
    add(WordKind::kPosition, numbered("Step_", 0, kStepsPerBar));
    std::vector<std::string> hits;
    for (const Drum& drum : kKit) hits.push_back(std::string("Hit_") + drum.name);
    add(WordKind::kPitch, std::move(hits));
    add(WordKind::kVelocity, numbered("Velocity_", 0, kVelocityBins));
    add(WordKind::kMicroTiming, numbered("Offset_", kFirstOffset, kPartsPerStep));
  }
};

const DrumWords& words() {
  static const DrumWords kWords;
  return kWords;
}

struct DrumState {
  WordKind last = WordKind::kNone;
  int step = -1;  // in this bar
  int drum = -1;  // at this step

  void accept(TokenId token) {
    const Word word = words().word(token);
    if (word.kind == WordKind::kNone) return;
    last = word.kind;
    if (word.kind == WordKind::kBar) step = -1;
    if (word.kind == WordKind::kPosition) {
      step = word.value;
      drum = -1;
    }
    if (word.kind == WordKind::kPitch) drum = word.value;
  }
  int close_distance() const {
    switch (last) {
      case WordKind::kNone:
        return 5;
      case WordKind::kBar:
        return 4;
      case WordKind::kPosition:
        return 3;
      case WordKind::kPitch:
        return 2;
      case WordKind::kVelocity:
        return 1;
      default:
        return 0;
    }
  }
};

// piece = Bar { Bar | Step hit { hit } };  hit = Hit Velocity Offset. Steps and the drums of a step rise.
class DrumGrammar final : public StateGrammar<DrumGrammar, DrumState, WordGrammar> {
 public:
  DrumGrammar() : StateGrammar(words()) {}

 private:
  Values legal_values(WordKind kind) const override {
    const auto& [last, step, drum] = state_;
    const bool between = last == WordKind::kBar || last == WordKind::kMicroTiming;
    const int count = words().count(kind);
    switch (kind) {
      case WordKind::kBar:
        return {0, between || last == WordKind::kNone ? 1 : 0};
      case WordKind::kPosition:
        return {step + 1, between ? count : 0};
      case WordKind::kPitch:
        return {drum + 1, last == WordKind::kPosition || last == WordKind::kMicroTiming ? count : 0};
      case WordKind::kVelocity:
        return {0, last == WordKind::kPitch ? count : 0};
      case WordKind::kMicroTiming:
        return {0, last == WordKind::kVelocity ? count : 0};
      default:
        return {};
    }
  }
};

// Where words have come to. Units: steps.
struct DrumClock {
  std::int64_t bars = 0, step = 0;
  void accept(Word word) {
    if (word.kind == WordKind::kBar) step = bars++ * kStepsPerBar;
    if (word.kind == WordKind::kPosition) step = std::max<std::int64_t>(0, bars - 1) * kStepsPerBar + word.value;
  }
};

class DrumMeter final : public LengthMeter {
 public:
  std::unique_ptr<LengthMeter> clone() const override { return std::make_unique<DrumMeter>(*this); }
  void reset() override { clock_ = {}; }
  void accept(TokenId token) override { clock_.accept(words().word(token)); }
  score::Seconds elapsed() const override { return score::Seconds(double(clock_.step) * 0.125); }
  std::size_t bars_begun() const override { return std::size_t(clock_.bars); }
  MusicalPosition position() const override {
    return {.place = static_cast<int>(clock_.step % kStepsPerBar), .step = clock_.step};
  }
  PositionRange position_range() const override { return {.places = kStepsPerBar}; }

 private:
  DrumClock clock_;
};

// The step that a time belongs to, and by how much it misses it. Units: parts of a step.
std::int64_t step_of(std::int64_t time) { return (time - kFirstOffset) / kPartsPerStep; }

// One hit of a drum at a step: the loudest. Durations say nothing. Sorted by step and drum.
std::size_t settle(std::vector<GridNote>& notes) {
  const auto place = [](const GridNote& note) { return std::pair(step_of(note.onset), drums_by_key()[note.pitch]); };
  std::sort(notes.begin(), notes.end(), [&](const GridNote& a, const GridNote& b) {
    if (place(a) != place(b)) return place(a) < place(b);
    return std::pair(-int(a.velocity), a.onset) < std::pair(-int(b.velocity), b.onset);
  });
  const std::size_t before = notes.size();
  const auto same = [&](const GridNote& a, const GridNote& b) { return place(a) == place(b); };
  notes.erase(std::unique(notes.begin(), notes.end(), same), notes.end());
  return before - notes.size();
}

class DrumGrid final : public PlainTokenizer {
 public:
  DrumGrid() : PlainTokenizer("drum_grid", words().texts(), {kTicksPerQuarter, kTicksPerPart}) {}
  std::unique_ptr<TokenGrammar> grammar() const override { return std::make_unique<DrumGrammar>(); }
  std::unique_ptr<LengthMeter> length_meter() const override { return std::make_unique<DrumMeter>(); }
  TokenizerTraits traits() const override {
    return list_traits(TimeDomain::kMusical, words(), [](Word word) {
      TokenTraits traits = word_traits(word);
      traits.notes = static_cast<std::uint16_t>(word.kind == WordKind::kMicroTiming);
      return traits;
    });
  }

  std::vector<std::size_t> bar_starts(std::span<const TokenId> tokens) const override {
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < tokens.size(); ++i)
      if (i == 0 || tokens[i] == words().first(WordKind::kBar)) starts.push_back(i);
    return starts;
  }

  std::string losses(const Score& score) const override {
    LossList losses;
    add_track_losses(score, true, losses);
    if (check_score(score).ok()) {
      std::vector<GridNote> notes = one_voice(score, kPartsPerQuarter, true);
      const auto strangers =
          std::count_if(notes.begin(), notes.end(), [](const GridNote& note) { return !is_of_the_kit(note.pitch); });
      losses.add(std::size_t(strangers), "key of a note outside the kit", "keys of notes outside the kit");
      losses.add(settle(notes), "hit of a drum that has one at that step", "hits of drums that have one at that step");
    }
    add_time_losses(score, losses);
    return losses.sentence();
  }

 private:
  Result<std::vector<GridNote>> grid_notes(const Score& score) const override {
    CONTINUO_TRY(check_score(score));
    std::vector<GridNote> notes = one_voice(score, kPartsPerQuarter, true);
    settle(notes);
    for (GridNote& note : notes) {
      note.velocity = velocity_of_bin(velocity_bin(note.velocity));
      note.pitch = kKit[drums_by_key()[note.pitch]].pitch;
    }
    CONTINUO_TRY(check_length(notes, kPartsPerQuarter));
    return notes;
  }

  std::vector<TokenId> encode_notes(const std::vector<GridNote>& notes) const override {
    std::vector<TokenId> tokens;
    tokens.reserve(5 * notes.size());
    std::int64_t bars = 0, said = -1;
    for (const GridNote& note : notes) {
      const std::int64_t step = step_of(note.onset);
      for (; bars <= step / kStepsPerBar; ++bars) tokens.push_back(words().first(WordKind::kBar));
      if (step != said) tokens.push_back(words().id(WordKind::kPosition, step % kStepsPerBar));
      said = step;
      tokens.push_back(words().id(WordKind::kPitch, drums_by_key()[note.pitch]));
      tokens.push_back(words().id(WordKind::kVelocity, velocity_bin(note.velocity)));
      tokens.push_back(words().id(WordKind::kMicroTiming, note.onset - step * kPartsPerStep - kFirstOffset));
    }
    return tokens;
  }

  std::unique_ptr<GridReader> reader() const override { return std::make_unique<Reader>(); }

  class Reader final : public GridReader {
   public:
    void accept(TokenId token) override {
      const Word word = words().word(token);
      clock_.accept(word);
      if (word.kind == WordKind::kPitch) note_.pitch = kKit[std::size_t(word.value)].pitch;
      if (word.kind == WordKind::kVelocity) note_.velocity = velocity_of_bin(word.value);
      if (word.kind != WordKind::kMicroTiming) return;
      note_.onset = std::max<std::int64_t>(0, clock_.step * kPartsPerStep + word.value + kFirstOffset);
      notes_.push_back(note_);
    }
    std::vector<GridNote> finish() override {
      settle(notes_);
      return std::move(notes_);
    }

   private:
    DrumClock clock_;
    GridNote note_{.duration = kHitLength, .voice = kDrumVoice};
  };

  Score to_score(const std::vector<GridNote>& notes) const override {
    std::vector<GridNote> hits = notes;
    for (GridNote& hit : hits) {
      hit.voice = kDrumVoice;
      hit.duration = kHitLength;
    }
    resolve_overlaps(hits);
    return PlainTokenizer::to_score(hits);
  }
};

}  // namespace

std::shared_ptr<const Tokenizer> make_drum_grid() { return std::make_shared<DrumGrid>(); }

Result<std::shared_ptr<const Tokenizer>> drum_grid_from_json(const nlohmann::json&) { return make_drum_grid(); }

}  // namespace continuo::tokens
