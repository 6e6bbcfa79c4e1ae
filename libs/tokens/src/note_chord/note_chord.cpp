#include "continuo/tokens/note_chord.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>

#include "continuo/score/bar_grid.h"

#include "../core/loss_list.h"
#include "../core/options_json.h"
#include "../core/piece_reader.h"
#include "note_chord_grammar.h"
#include "note_chord_learning.h"

namespace continuo::tokens {
namespace {

using score::Score;
using score::Seconds;

constexpr std::int32_t kTicksPerQuarter = 480;
constexpr int kMaxStepsPerQuarter = 48;
constexpr int kMaxMaxSteps = 1024;
constexpr std::uint8_t kVelocity = 80;

class NoteChordMeter final : public LengthMeter {
 public:
  NoteChordMeter(std::shared_ptr<const ChordItemTable> table, double seconds_per_step, int steps_per_quarter)
      : table_(std::move(table)), seconds_per_step_(seconds_per_step), steps_per_bar_(4 * steps_per_quarter) {}
  std::unique_ptr<LengthMeter> clone() const override { return std::make_unique<NoteChordMeter>(*this); }
  void reset() override { steps_ = 0; }
  void accept(TokenId token) override {
    if (table_->is_advance(token)) steps_ += table_->advance(token);
  }
  Seconds elapsed() const override { return Seconds(double(steps_) * seconds_per_step_); }
  MusicalPosition position() const override {
    return {.place = static_cast<int>(steps_ % steps_per_bar_), .step = steps_};
  }
  PositionRange position_range() const override { return {.places = steps_per_bar_}; }

 private:
  std::shared_ptr<const ChordItemTable> table_;
  double seconds_per_step_;
  int steps_per_bar_;
  std::int64_t steps_ = 0;
};

// The measure that `time` lies in, counted from 1.
std::int64_t bar_number(const Score& score, score::Ticks time) {
  std::vector<score::TimeSignature> changes;
  for (const score::TimeSignature& change : score::signatures_of_bars(score))
    if (change.onset <= time && change.numerator > 0 && change.denominator > 0) changes.push_back(change);
  std::stable_sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.onset < b.onset; });

  score::TimeSignature current;
  std::int64_t bars = 0;
  for (const score::TimeSignature& change : changes) {
    const std::int64_t length = current.bar_length(score.ticks_per_quarter).value;
    bars += ((change.onset - current.onset).value + length - 1) / length;
    current = change;
  }
  return bars + (time - current.onset).value / current.bar_length(score.ticks_per_quarter).value + 1;
}

std::string pitch_name(int pitch) {
  static constexpr std::string_view kNames[12] = {"C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"};
  return std::string(kNames[pitch % 12]) + std::to_string(pitch / 12 - 1);
}

Vocabulary make_vocabulary(const ChordItemTable& table) {
  std::vector<std::string> words;
  for (const ChordItem& item : table.items()) words.push_back(item.word());
  for (int steps = 1; steps <= table.max_steps(); ++steps) words.push_back("+" + std::to_string(steps));
  return Vocabulary::make(std::move(words)).value();
}

class NoteChord final : public Tokenizer {
 public:
  NoteChord(const NoteChordSetting& setting, std::shared_ptr<const ChordItemTable> table)
      : setting_(setting), table_(std::move(table)), vocabulary_(make_vocabulary(*table_)) {
    for (const ChordItem& item : table_->items()) {
      const std::vector<std::uint8_t> pitches = item.pitches.pitches();
      if (pitches.size() == 1) lengths_[pitches[0]].push_back(item.duration);
    }
  }

  std::string_view name() const override { return "note_chord"; }
  const Vocabulary& vocabulary() const override { return vocabulary_; }

  Result<std::vector<TokenId>> encode(const Score& score) const override {
    CONTINUO_ASSIGN(const FittedNotes fitted, fitted_notes(score));
    std::vector<TokenId> tokens;
    std::int64_t now = 0;
    for (std::span<const GridNote> left = fitted.notes; !left.empty();) {
      const std::span<const GridNote> together = first_onset(left);
      for (; now < together[0].onset; now += table_->advance(tokens.back())) {
        const std::int64_t steps = std::min<std::int64_t>(together[0].onset - now, table_->max_steps());
        tokens.push_back(table_->first_advance() + TokenId(steps) - 1);
      }
      CONTINUO_TRY(encode_onset(score, together, tokens));
      left = left.subspan(together.size());
    }
    return tokens;
  }

  std::unique_ptr<TokenDecoder> decoder() const override;

  Result<Score> quantise(const Score& score) const override {
    CONTINUO_ASSIGN(FittedNotes fitted, fitted_notes(score));
    return to_score(std::move(fitted.notes));
  }

  std::string losses(const Score& score) const override {
    LossList losses;
    losses.add_if(score.note_count() > 0, "velocities");
    add_track_losses(score, setting_.drums, losses);
    add_time_losses(score, losses);
    if (const Result<FittedNotes> fitted = fitted_notes(score); fitted.ok()) {
      losses.add(std::size_t(fitted->shortened_rests), "overlong rest", "overlong rests");
      losses.add(std::size_t(fitted->changed_lengths), "note length that is no word", "note lengths that are no words");
    }
    return losses.sentence();
  }

  std::unique_ptr<TokenGrammar> grammar() const override { return std::make_unique<NoteChordGrammar>(table_); }
  std::vector<std::size_t> bar_starts(std::span<const TokenId>) const override { return {}; }
  std::unique_ptr<LengthMeter> length_meter() const override {
    return std::make_unique<NoteChordMeter>(
        table_, setting_.microseconds_per_quarter * 1e-6 / setting_.steps_per_quarter, setting_.steps_per_quarter);
  }

  TokenizerTraits traits() const override {
    TokenizerTraits traits{TimeDomain::kMusical, std::vector<TokenTraits>(static_cast<std::size_t>(table_->end()))};
    for (TokenId id = table_->first_item(); id < table_->end(); ++id) {
      TokenTraits& each = traits.tokens[static_cast<std::size_t>(id)];
      each.advances_time = table_->is_advance(id);
      each.part_of_note = each.strikes = table_->is_item(id);
      if (table_->is_item(id)) each.notes = static_cast<std::uint16_t>(table_->item(id).pitches.pitches().size());
    }
    return traits;
  }

  nlohmann::json to_json() const override {
    nlohmann::json items = nlohmann::json::array();
    for (const ChordItem& item : table_->items()) items.push_back(item.word());
    return {{"name", "note_chord"},
            {"options",
             {{"steps_per_quarter", setting_.steps_per_quarter},
              {"max_steps", setting_.max_steps},
              {"drums", setting_.drums},
              {"microseconds_per_quarter", setting_.microseconds_per_quarter}}},
            {"items", std::move(items)}};
  }

 private:
  class Reader;
  struct FittedNotes {
    std::vector<GridNote> notes;
    int shortened_rests = 0, changed_lengths = 0;
  };

  Result<FittedNotes> fitted_notes(const Score& score) const {
    FittedNotes fitted;
    CONTINUO_ASSIGN(fitted.notes, chord_notes(score, setting_, fitted.shortened_rests));
    fitted.changed_lengths = fit_lengths(fitted.notes);
    return fitted;
  }

  // A note whose length was never learned for its pitch takes the nearest that was and that ends before the pitch is
  // struck again. Where there is none it stays as it is. Returns how many changed.
  int fit_lengths(std::vector<GridNote>& notes) const {
    int changed = 0;
    std::array<std::int64_t, 128> next_onset;
    next_onset.fill(std::numeric_limits<std::int64_t>::max());
    for (auto note = notes.rbegin(); note != notes.rend(); ++note) {
      const std::int64_t room = next_onset[note->pitch] - note->onset;
      const std::int64_t wanted = note->duration;
      std::int64_t nearest = 0;
      for (const int length : lengths_[note->pitch]) {
        if (length <= room && (nearest == 0 || std::abs(length - wanted) < std::abs(nearest - wanted)))
          nearest = length;
      }
      if (nearest > 0) note->duration = nearest;
      changed += note->duration != wanted;
      next_onset[note->pitch] = note->onset;
    }
    return changed;
  }

  // Appends the items of one onset in their order; chords that are no word as their notes.
  Status encode_onset(const Score& score, std::span<const GridNote> notes, std::vector<TokenId>& tokens) const {
    const std::ptrdiff_t begin = std::ssize(tokens);
    for (const ChordItem& item : group_into_items(notes)) {
      if (const std::optional<TokenId> id = table_->find(item)) {
        tokens.push_back(*id);
        continue;
      }
      for (const GridNote& note : notes) {
        if (note.duration != item.duration) continue;
        ChordItem single;
        single.pitches.add(note.pitch);
        single.duration = item.duration;
        const std::optional<TokenId> id = table_->find(single);
        if (!id) return unknown_note(score, note);
        tokens.push_back(*id);
      }
    }
    std::sort(tokens.begin() + begin, tokens.end());
    return {};
  }

  Error unknown_note(const Score& score, const GridNote& note) const {
    return {ErrorCode::out_of_vocabulary,
            "the note " + pitch_name(note.pitch) + " (pitch " + std::to_string(note.pitch) + ") of " +
                std::to_string(note.duration) + "/" + std::to_string(setting_.steps_per_quarter) +
                " quarter never came in the music that this vocabulary was learned from",
            "bar " + std::to_string(bar_number(score, std::max(note.source, score::Ticks(0))))};
  }

  Score to_score(std::vector<GridNote> notes) const {
    for (GridNote& note : notes) {
      note.voice = voice();
      note.velocity = kVelocity;
    }
    Score score;
    score.ticks_per_quarter = kTicksPerQuarter;
    score.tempos = {tempo()};
    score.tracks = tracks_of(notes, ticks_per_step());
    return score;
  }

  std::uint16_t voice() const { return setting_.drums ? kDrumVoice : 0; }
  score::Tempo tempo() const { return {score::Ticks(0), setting_.microseconds_per_quarter}; }
  std::int64_t ticks_per_step() const { return kTicksPerQuarter / setting_.steps_per_quarter; }

  NoteChordSetting setting_;
  std::shared_ptr<const ChordItemTable> table_;
  Vocabulary vocabulary_;
  std::array<std::vector<int>, 128> lengths_;  // of each pitch's single notes, rising
};

// Each item gives its notes. The tempo is that of the vocabulary, and comes first.
class NoteChord::Reader final : public PieceReader {
 public:
  explicit Reader(const NoteChord& tokenizer) : tokenizer_(tokenizer), table_(*tokenizer.table_) {}

  void accept(std::span<const TokenId> tokens, DecodedEvents* events) override {
    if (events && !tokens.empty() && !has_begun_) events->tempos.push_back(tokenizer_.tempo());
    has_begun_ |= !tokens.empty();
    for (const TokenId token : tokens) {
      if (table_.is_advance(token)) {
        now_ += table_.advance(token);
        continue;
      }
      const ChordItem& item = table_.item(token);
      for (const std::uint8_t pitch : item.pitches.pitches()) {
        notes_.push_back({now_, item.duration, tokenizer_.voice(), pitch, kVelocity});
        if (events) events->notes.push_back(decoded_note(notes_.back(), tokenizer_.ticks_per_step()));
      }
    }
  }

  Result<Score> finish(DecodedEvents*) override {
    resolve_overlaps(notes_);
    tokenizer_.fit_lengths(notes_);
    return tokenizer_.to_score(std::move(notes_));
  }

 private:
  const NoteChord& tokenizer_;
  const ChordItemTable& table_;
  std::vector<GridNote> notes_;
  std::int64_t now_ = 0;
  bool has_begun_ = false;
};

std::unique_ptr<TokenDecoder> NoteChord::decoder() const {
  return make_decoder(*this, kTicksPerQuarter, std::make_unique<Reader>(*this));
}

bool is_grid(int steps_per_quarter) {
  return steps_per_quarter >= 1 && steps_per_quarter <= kMaxStepsPerQuarter &&
         kTicksPerQuarter % steps_per_quarter == 0;
}

Result<std::shared_ptr<const Tokenizer>> make_from(const NoteChordSetting& setting, std::vector<ChordItem> items) {
  CONTINUO_ASSIGN(std::shared_ptr<const ChordItemTable> table,
                  ChordItemTable::make(std::move(items), setting.max_steps));
  return std::shared_ptr<const Tokenizer>(std::make_shared<NoteChord>(setting, std::move(table)));
}

}  // namespace

Result<std::shared_ptr<const Tokenizer>> make_note_chord(std::span<const Score> corpus,
                                                         const NoteChordOptions& options) {
  if (!is_grid(options.steps_per_quarter) || options.max_steps < 1 || options.max_steps > kMaxMaxSteps ||
      options.min_count < 1) {
    return Error{ErrorCode::invalid_argument, "an option of note_chord is out of range"};
  }
  CONTINUO_ASSIGN(LearnedNoteChord learned, learn_note_chord(corpus, options));
  return make_from(learned.setting, std::move(learned.items));
}

Result<std::shared_ptr<const Tokenizer>> note_chord_from_json(const nlohmann::json& description) {
  NoteChordSetting setting;
  CONTINUO_ASSIGN(setting.steps_per_quarter, int_option(description, "steps_per_quarter", 1, kMaxStepsPerQuarter));
  CONTINUO_ASSIGN(setting.max_steps, int_option(description, "max_steps", 1, kMaxMaxSteps));
  CONTINUO_ASSIGN(setting.drums, bool_option(description, "drums"));
  CONTINUO_ASSIGN(setting.microseconds_per_quarter, int_option(description, "microseconds_per_quarter", 1, 0xFFFFFF));
  if (!is_grid(setting.steps_per_quarter))
    return Error{ErrorCode::unsupported, "note_chord's steps_per_quarter does not divide 480"};
  const auto words = description.find("items");
  if (words == description.end() || !words->is_array())
    return Error{ErrorCode::malformed, "the note_chord tokenizer's description has no items"};
  std::vector<ChordItem> items;
  for (const nlohmann::json& word : *words) {
    const std::optional<ChordItem> item =
        word.is_string() ? ChordItem::parse(word.get_ref<const std::string&>()) : std::nullopt;
    if (!item)
      return Error{ErrorCode::malformed, "note_chord has no such word as " +
                                             word.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
    items.push_back(*item);
  }
  return make_from(setting, std::move(items));
}

}  // namespace continuo::tokens
