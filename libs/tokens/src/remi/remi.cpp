#include "continuo/tokens/remi.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>

#include "continuo/score/bar_grid.h"

#include "../core/loss_list.h"
#include "../core/options_json.h"
#include "../core/piece_reader.h"
#include "../core/velocity_bins.h"
#include "../core/word_traits.h"
#include "remi_bars.h"
#include "remi_grammar.h"

namespace continuo::tokens {
namespace {

using score::Score;
using score::Seconds;
using score::Ticks;

constexpr std::int32_t kTicksPerQuarter = 480;
constexpr std::array<int, 5> kGrids = {4, 8, 12, 16, 24};

class RemiMeterOfLength final : public LengthMeter {
 public:
  explicit RemiMeterOfLength(std::shared_ptr<const RemiWords> words) : words_(std::move(words)) {}
  std::unique_ptr<LengthMeter> clone() const override { return std::make_unique<RemiMeterOfLength>(*this); }
  void reset() override { *this = RemiMeterOfLength(std::move(words_)); }
  void accept(TokenId token) override {
    const Word word = words_->word(token);
    switch (word.kind) {
      case WordKind::kBar:
        if (bars_++ > 0) {
          move_to(bar_length_);
          bar_onset_ += bar_length_;
        }
        position_ = 0;
        break;
      case WordKind::kTimeSignature:
        bar_length_ = words_->meter(word.value).length;
        break;
      case WordKind::kPosition:
        move_to(word.value);
        break;
      case WordKind::kTempo:
        seconds_per_position_ = position_seconds(words_->microseconds_per_quarter(word.value));
        break;
      default:
        break;
    }
  }
  Seconds elapsed() const override { return Seconds(seconds_); }
  std::size_t bars_begun() const override { return bars_; }
  MusicalPosition position() const override {
    return {.place = place_within(position_, position_range().places), .step = bar_onset_ + position_};
  }
  PositionRange position_range() const override { return {.places = words_->count(WordKind::kPosition)}; }

 private:
  double position_seconds(std::int32_t microseconds_per_quarter) const {
    return microseconds_per_quarter * 1e-6 / words_->positions_per_quarter();
  }
  void move_to(int position) {
    seconds_ += std::max(0, position - position_) * seconds_per_position_;
    position_ = position;
  }

  std::shared_ptr<const RemiWords> words_;
  std::size_t bars_ = 0;
  int bar_length_ = 4 * words_->positions_per_quarter();
  std::int64_t bar_onset_ = 0;
  int position_ = 0;
  double seconds_per_position_ = position_seconds(500000);
  double seconds_ = 0;
};

// Writes the words of a piece from front to back.
class PieceEncoder {
 public:
  PieceEncoder(const RemiPiece& piece, const RemiWords& words) : piece_(piece), words_(words) {
    tokens_.reserve(5 * piece.notes.size());
  }

  std::vector<TokenId> encode() {
    for (const RemiBar& bar : piece_.bars) encode_bar(bar);
    return std::move(tokens_);
  }

 private:
  void write(WordKind kind, std::int64_t value) { tokens_.push_back(words_.id(kind, value)); }

  void encode_bar(const RemiBar& bar) {
    write(WordKind::kBar, 0);
    if (bar.meter != meter_) write(WordKind::kTimeSignature, bar.meter);
    meter_ = bar.meter;
    program_ = -1;
    const std::int64_t end = bar.onset + words_.meter(bar.meter).length;
    for (std::int64_t onset = next_onset(); onset < end; onset = next_onset()) {
      write(WordKind::kPosition, onset - bar.onset);
      if (tempo_ < piece_.tempos.size() && piece_.tempos[tempo_].onset == onset)
        write(WordKind::kTempo, piece_.tempos[tempo_++].tempo);
      for (; note_ < piece_.notes.size() && piece_.notes[note_].onset == onset; ++note_)
        encode_note(piece_.notes[note_]);
    }
  }

  void encode_note(const GridNote& note) {
    if (note.voice != program_) write(WordKind::kProgram, note.voice);
    program_ = note.voice;
    write(WordKind::kPitch, note.pitch);
    write(WordKind::kVelocity, velocity_bin(note.velocity));
    write(WordKind::kDuration, words_.duration_within(note.duration));
  }

  // Of the notes and tempos not yet written.
  std::int64_t next_onset() const {
    std::int64_t onset = std::numeric_limits<std::int64_t>::max();
    if (note_ < piece_.notes.size()) onset = piece_.notes[note_].onset;
    if (tempo_ < piece_.tempos.size()) onset = std::min(onset, piece_.tempos[tempo_].onset);
    return onset;
  }

  const RemiPiece& piece_;
  const RemiWords& words_;
  std::vector<TokenId> tokens_;
  std::size_t note_ = 0, tempo_ = 0;
  int meter_ = -1, program_ = -1;
};

std::int64_t ticks_per_position(const RemiWords& words) { return kTicksPerQuarter / words.positions_per_quarter(); }

score::Tempo tempo_change(const RemiTempo& tempo, const RemiWords& words) {
  return {Ticks(tempo.onset * ticks_per_position(words)), words.microseconds_per_quarter(tempo.tempo)};
}

score::TimeSignature time_signature(const RemiBar& bar, const RemiWords& words) {
  const RemiMeter& meter = words.meter(bar.meter);
  return {Ticks(bar.onset * ticks_per_position(words)), meter.numerator, meter.denominator};
}

Score to_score(const RemiPiece& piece, const RemiWords& words) {
  Score score;
  score.ticks_per_quarter = kTicksPerQuarter;
  score.tracks = tracks_of(piece.notes, ticks_per_position(words));
  for (const RemiTempo& tempo : piece.tempos) score.tempos.push_back(tempo_change(tempo, words));
  int previous = -1;
  for (const RemiBar& bar : piece.bars) {
    if (bar.meter != previous) score.time_signatures.push_back(time_signature(bar, words));
    previous = bar.meter;
  }
  return score;
}

// A note is given with its Duration.
class RemiReader final : public PieceReader {
 public:
  explicit RemiReader(const RemiWords& words) : words_(words) {}

  void expect(std::size_t tokens) override { piece_.notes.reserve(piece_.notes.size() + tokens / 4); }

  void accept(std::span<const TokenId> tokens, DecodedEvents* events) override {
    for (const TokenId token : tokens) accept(words_.word(token), events);
  }

  Result<Score> finish(DecodedEvents*) override {
    settle_notes(piece_.notes, words_);
    // A model may change tempo or meter last and place no note; a piece ends with its last onset.
    const auto after_last = [&](const auto& event) { return event.onset > piece_.notes.back().onset; };
    std::erase_if(piece_.tempos, after_last);
    std::erase_if(piece_.bars, after_last);
    return to_score(piece_, words_);
  }

 private:
  void accept(Word word, DecodedEvents* events) {
    switch (word.kind) {
      case WordKind::kBar:
        if (meter_ >= 0) bar_onset_ += words_.meter(meter_).length;
        piece_.bars.push_back({bar_onset_, meter_});
        break;
      case WordKind::kTimeSignature:
        piece_.bars.back().meter = meter_ = word.value;
        if (events) events->time_signatures.push_back(time_signature(piece_.bars.back(), words_));
        break;
      case WordKind::kPosition:
        now_ = bar_onset_ + word.value;
        break;
      case WordKind::kTempo:
        piece_.tempos.push_back({now_, word.value});
        if (events) events->tempos.push_back(tempo_change(piece_.tempos.back(), words_));
        break;
      case WordKind::kProgram:
        note_.voice = std::uint16_t(word.value);
        break;
      case WordKind::kPitch:
        note_.pitch = std::uint8_t(word.value);
        break;
      case WordKind::kVelocity:
        note_.velocity = velocity_of_bin(word.value);
        break;
      case WordKind::kDuration:
        note_.onset = now_;
        note_.duration = words_.duration(word.value);
        piece_.notes.push_back(note_);
        if (events) events->notes.push_back(decoded_note(note_, ticks_per_position(words_)));
        break;
      default:
        break;
    }
  }

  const RemiWords& words_;
  RemiPiece piece_;
  std::int64_t bar_onset_ = 0, now_ = 0;
  int meter_ = -1;
  GridNote note_;
};

class Remi final : public Tokenizer {
 public:
  explicit Remi(const RemiOptions& options)
      : words_(std::make_shared<const RemiWords>(options.positions_per_quarter)),
        vocabulary_(Vocabulary::make(words_->texts()).value()) {}

  std::string_view name() const override { return "remi"; }
  const Vocabulary& vocabulary() const override { return vocabulary_; }

  Result<std::vector<TokenId>> encode(const Score& score) const override {
    CONTINUO_ASSIGN(const RemiPiece piece, put_on_grid(score, *words_));
    return PieceEncoder(piece, *words_).encode();
  }

  std::unique_ptr<TokenDecoder> decoder() const override {
    return make_decoder(*this, kTicksPerQuarter, std::make_unique<RemiReader>(*words_));
  }

  Result<Score> quantise(const Score& score) const override {
    CONTINUO_ASSIGN(const RemiPiece piece, put_on_grid(score, *words_));
    return to_score(piece, *words_);
  }

  std::string losses(const Score& score) const override {
    LossList losses;
    losses.add_if(shares_instruments(score), "which of several tracks of one instrument a note belongs to");
    losses.add(unknown_meters(score), "time signature (written with others)", "time signatures (written with others)");
    losses.add_if(pedal_changes(score) > 0, "the sustain pedal");
    add_common_losses(score, losses);
    const Result<RemiPiece> piece = put_on_grid(score, *words_);
    if (piece.ok()) losses.add(std::size_t(piece->empty_bars_dropped), "surplus empty bar", "surplus empty bars");
    return losses.sentence();
  }

  std::unique_ptr<TokenGrammar> grammar() const override { return std::make_unique<RemiGrammar>(words_); }
  std::unique_ptr<LengthMeter> length_meter() const override { return std::make_unique<RemiMeterOfLength>(words_); }
  TokenizerTraits traits() const override {
    return list_traits(TimeDomain::kMusical, *words_, [](Word word) {
      TokenTraits traits = word_traits(word);
      traits.notes = static_cast<std::uint16_t>(word.kind == WordKind::kDuration);
      return traits;
    });
  }

  std::vector<std::size_t> bar_starts(std::span<const TokenId> tokens) const override {
    std::vector<std::size_t> starts;
    const TokenId bar = words_->first(WordKind::kBar);
    for (std::size_t i = 0; i < tokens.size(); ++i)
      if (tokens[i] == bar) starts.push_back(starts.empty() ? 0 : i);
    if (starts.empty() && !tokens.empty()) starts.push_back(0);
    return starts;
  }

  nlohmann::json to_json() const override {
    return {{"name", "remi"}, {"options", {{"positions_per_quarter", words_->positions_per_quarter()}}}};
  }

 private:
  std::size_t unknown_meters(const Score& score) const {
    return std::size_t(std::ranges::count_if(score::signatures_of_bars(score), [&](const auto& meter) {
      return words_->find_meter(meter.numerator, meter.denominator) < 0;
    }));
  }

  std::shared_ptr<const RemiWords> words_;
  Vocabulary vocabulary_;
};

}  // namespace

Result<std::shared_ptr<const Tokenizer>> make_remi(const RemiOptions& options) {
  if (std::find(kGrids.begin(), kGrids.end(), options.positions_per_quarter) == kGrids.end())
    return Error{ErrorCode::invalid_argument, "remi's positions_per_quarter is none of 4, 8, 12, 16, 24"};
  return std::shared_ptr<const Tokenizer>(std::make_shared<Remi>(options));
}

Result<std::shared_ptr<const Tokenizer>> remi_from_json(const nlohmann::json& description) {
  RemiOptions options;
  CONTINUO_ASSIGN(options.positions_per_quarter,
                  int_option(description, "positions_per_quarter", kGrids.front(), kGrids.back()));
  Result<std::shared_ptr<const Tokenizer>> made = make_remi(options);
  if (!made.ok()) return Error{ErrorCode::unsupported, made.error().what};
  return made;
}

}  // namespace continuo::tokens
