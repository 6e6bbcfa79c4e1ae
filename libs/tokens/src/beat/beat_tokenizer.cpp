#include "beat_tokenizer.h"

#include <algorithm>

#include "continuo/score/bar_grid.h"

#include "../core/loss_list.h"
#include "../core/piece_reader.h"
#include "../core/word_traits.h"
#include "beat_encoder.h"
#include "beat_options_json.h"

namespace continuo::tokens {
namespace {

using score::Score;
using score::Seconds;

class BeatLengthMeter final : public LengthMeter {
 public:
  explicit BeatLengthMeter(std::shared_ptr<const BeatLanguage> language)
      : language_(std::move(language)), clock_(language_->words) {}
  std::unique_ptr<LengthMeter> clone() const override { return std::make_unique<BeatLengthMeter>(*this); }
  void reset() override { clock_ = BeatClock(language_->words); }
  void accept(TokenId token) override { clock_.accept(language_->words.word(token)); }
  Seconds elapsed() const override { return Seconds(clock_.seconds()); }
  std::size_t bars_begun() const override { return clock_.bars_begun(); }
  MusicalPosition position() const override {
    return language_->words.position(clock_.since_bar_line(), clock_.meter(), clock_.now());
  }
  PositionRange position_range() const override { return {.places = language_->words.places_per_bar()}; }

 private:
  std::shared_ptr<const BeatLanguage> language_;
  BeatClock clock_;
};

// Notes outside the pitches that are words, and notes longer than the longest duration.
void add_note_losses(const Score& score, const BeatWords& words, BeatGrid grid, LossList& losses) {
  std::size_t outside = 0, too_long = 0;
  const std::int64_t longest = words.options().resolutions.back().to_beats;
  for (const score::Track& track : score.tracks) {
    for (const score::Note& note : track.notes) {
      outside += !words.has_pitch(note.pitch, track.is_drum);
      too_long += !grid.note_ends && note.duration.value > longest * score.ticks_per_quarter;
    }
  }
  losses.add(outside, "note of a pitch that is no word", "notes of pitches that are no words");
  losses.add(too_long, "note's length beyond the longest word", "notes' lengths beyond the longest word");
}

// Whether putting a settled piece on the grid again would leave it as it is, as far as that can be seen at a glance:
// one meter, all on its positions, nothing but notes, tempi and keys, and these from the start on.
bool stands_on_grid(const BeatPiece& piece, const BeatWords& words, BeatGrid grid) {
  if (words.options().overlaps != NoteOverlaps::kCut || grid.separate_tracks || words.has_deviations()) return false;
  int meter = words.default_meter();
  bool has_tempo = !words.has(WordKind::kTempo), has_key = !words.has(WordKind::kKey);
  for (const BeatMark& mark : piece.marks) {
    if (mark.voice != BeatMark::kWholePiece) return false;
    if (mark.kind == WordKind::kTimeSignature) {
      if (mark.time > 0) return false;
      meter = mark.value;
    }
    has_tempo |= mark.kind == WordKind::kTempo && mark.time == 0;
    has_key |= mark.kind == WordKind::kKey && mark.time == 0;
  }
  if (!has_tempo || !has_key || piece.notes.empty()) return false;
  const std::int64_t step = words.meter(meter).ticks_per_position;
  const auto is_off = [&](std::int64_t time) { return time % step != 0; };
  return std::none_of(piece.marks.begin(), piece.marks.end(),
                      [&](const BeatMark& mark) { return is_off(mark.time); }) &&
         std::none_of(piece.notes.begin(), piece.notes.end(), [&](const GridNote& note) {
           return note.duration < 1 || is_off(note.onset) || (grid.note_ends && is_off(note.duration));
         });
}

bool begins_something(WordKind kind) {
  switch (kind) {
    case WordKind::kTimeShift:
    case WordKind::kRest:
    case WordKind::kProgram:
    case WordKind::kPitchEnd:
    case WordKind::kDrumPitchEnd:
      return false;
    default:
      return true;
  }
}

}  // namespace

BeatTokenizer::BeatTokenizer(std::string_view name, std::shared_ptr<const BeatLanguage> language, BeatGrid grid)
    : name_(name),
      language_(std::move(language)),
      grid_(grid),
      vocabulary_(Vocabulary::make(language_->words.texts()).value()) {}

Result<BeatPiece> BeatTokenizer::fitted(const Score& score) const {
  CONTINUO_ASSIGN(BeatPiece piece, put_on_beats(score, words(), grid_));
  fit(piece);
  if (piece.notes.empty())
    return Error{ErrorCode::no_notes, "the piece has no notes before the last bar that is a word"};
  return piece;
}

Result<std::vector<TokenId>> BeatTokenizer::encode(const Score& score) const {
  CONTINUO_ASSIGN(BeatPiece piece, fitted(score));
  if (words().has(WordKind::kChord)) add_chords(piece, words());
  return encode_piece(piece);
}

class BeatTokenizer::Reader final : public PieceReader {
 public:
  explicit Reader(const BeatTokenizer& tokenizer) : tokenizer_(tokenizer), reader_(tokenizer.reader()) {}
  void expect(std::size_t tokens) override { reader_->expect_notes(tokens / 4); }
  void accept(std::span<const TokenId> tokens, DecodedEvents* events) override { reader_->accept(tokens, events); }
  Result<Score> finish(DecodedEvents*) override { return tokenizer_.finished(reader_->piece()); }

 private:
  const BeatTokenizer& tokenizer_;
  std::unique_ptr<BeatReader> reader_;
};

std::unique_ptr<TokenDecoder> BeatTokenizer::decoder() const {
  return make_decoder(*this, score_ticks_per_quarter(words()), std::make_unique<Reader>(*this));
}

Result<Score> BeatTokenizer::finished(BeatPiece piece) const {
  settle(piece, words(), grid_);
  if (reads_otherwise() || !stands_on_grid(piece, words(), grid_)) return quantise(score_of(piece, words()));
  CONTINUO_TRY(check_length(piece.notes, words().ticks_per_quarter()));
  fit(piece);
  return score_of(piece, words());
}

Result<Score> BeatTokenizer::quantise(const Score& score) const {
  CONTINUO_ASSIGN(BeatPiece piece, fitted(score));
  if (reads_otherwise()) {
    const std::unique_ptr<BeatReader> again = reader();
    again->accept(encode_piece(piece), nullptr);
    piece = again->piece();
    settle(piece, words(), grid_);
  }
  return score_of(piece, words());
}

std::unique_ptr<BeatReader> BeatTokenizer::reader() const {
  return std::make_unique<ClockedReader>(words(), last_of_note());
}

std::string BeatTokenizer::losses(const Score& score) const {
  LossList losses;
  const BeatOptions& options = words().options();
  add_note_losses(score, words(), grid_, losses);
  if (!options.programs && !grid_.separate_tracks) {
    add_instrument_losses(score, losses);
  } else {
    losses.add_if(!grid_.separate_tracks && shares_instruments(score),
                  "which of several tracks of one instrument a note belongs to");
  }
  losses.add_if(options.velocity_bins == 0 && score.note_count() > 0, "velocities");
  std::size_t foreign = 0;
  for (const score::TimeSignature& meter : score::signatures_of_bars(score))
    foreign += words().find_meter(meter.numerator, meter.denominator) < 0 || !options.meters;
  losses.add(foreign, "time signature", "time signatures");
  losses.add(options.tempos ? 0 : score.tempos.size(), "tempo", "tempos");
  losses.add_if(!options.pedals && pedal_changes(score) > 0, "the sustain pedal");
  add_common_losses(score, losses, {.bends = options.pitch_bends > 0, .keys = options.keys});
  add_losses(score, losses);
  return losses.sentence();
}

std::vector<std::size_t> BeatTokenizer::bar_starts(std::span<const TokenId> tokens) const {
  std::vector<std::size_t> starts;
  if (!words().has(WordKind::kBar) || tokens.empty()) return starts;
  for (std::size_t i = 0; i < tokens.size(); ++i)
    if (words().word(tokens[i]).kind == WordKind::kBar) starts.push_back(starts.empty() ? 0 : i);
  if (starts.empty()) starts.push_back(0);
  return starts;
}

std::vector<std::size_t> BeatTokenizer::sequence_starts(std::span<const TokenId> tokens, WordSplit split) const {
  if (tokens.empty()) return {};
  std::vector<std::size_t> starts = {0};
  if (split == WordSplit::kNone) return starts;
  BeatClock clock(words());
  const auto step = [&] {
    return split == WordSplit::kBar ? clock.meter().ticks_per_bar : clock.meter().ticks_per_beat;
  };
  std::int64_t next = step();
  std::size_t last_onset = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Word word = words().word(tokens[i]);
    const std::int64_t before = clock.now();
    clock.accept(word);
    const bool is_track = word.kind == WordKind::kTrack && word.value == 0;
    const bool is_wait = word.kind == WordKind::kTimeShift || word.kind == WordKind::kRest;
    const std::int64_t time = is_wait ? before : clock.now();
    if ((time >= next || is_track) && i > 0) starts.push_back(i);
    if (is_track || word.kind == WordKind::kTimeSignature) next = clock.now() + step();
    if (time >= next) next += (time - next) / step() * step() + step();
    if (begins_something(word.kind)) last_onset = i;
  }
  // What only ends behind the last onset opens no bar. Source: MidiTok's get_bars_ticks.
  while (starts.back() > last_onset) starts.pop_back();
  return starts;
}

std::unique_ptr<LengthMeter> BeatTokenizer::length_meter() const {
  return std::make_unique<BeatLengthMeter>(language_);
}

TokenizerTraits BeatTokenizer::traits() const {
  return list_traits(TimeDomain::kMusical, words(), [this](Word word) { return traits_of(word); });
}

TokenTraits BeatTokenizer::traits_of(Word word) const {
  TokenTraits traits = word_traits(word);
  const bool completes = words().has(WordKind::kPitchEnd)
                             ? word.kind == WordKind::kPitchEnd || word.kind == WordKind::kDrumPitchEnd
                             : word.kind == last_of_note();
  traits.notes = static_cast<std::uint16_t>(completes);
  return traits;
}

nlohmann::json BeatTokenizer::to_json() const {
  return {{"name", name_}, {"options", options_to_json(words().options())}};
}

}  // namespace continuo::tokens
