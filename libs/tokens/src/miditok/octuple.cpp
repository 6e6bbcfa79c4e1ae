#include <algorithm>

#include "../beat/beat_encoder.h"
#include "../beat/beat_tokenizer.h"
#include "../core/loss_list.h"
#include "members.h"
#include "octuple_clock.h"

namespace continuo::tokens {
namespace {

// Writes every note with all that holds at its time. Source: Zeng et al., "MusicBERT", arXiv 2106.05630, as in MidiTok.
class OctupleEncoder final : public BeatEncoder {
 public:
  OctupleEncoder(const BeatPiece& piece, const BeatWords& words) : BeatEncoder(piece, words) {
    tempo_ = words.default_tempo();
  }
  void mark(const BeatMark& mark) {
    if (mark.kind == WordKind::kTempo) tempo_ = mark.value;
    if (mark.kind != WordKind::kTimeSignature) return;
    bar_ += (mark.time - section_onset_) / meter_->ticks_per_bar;
    section_onset_ = mark.time;
    meter_ = &words_.meter(mark.value);
  }
  void note(const GridNote& note) {
    const std::int64_t bar = bar_ + (note.onset - section_onset_) / meter_->ticks_per_bar;
    write_pitch(note.voice, note.pitch, WordKind::kPitch, WordKind::kDrumPitch);
    write(WordKind::kPosition, (note.onset - section_onset_) % meter_->ticks_per_bar / meter_->ticks_per_position);
    write(WordKind::kBarNumber, bar);
    write_if(WordKind::kVelocity, words_.velocity_bin(note.velocity));
    write(WordKind::kDuration, meter_->lengths->nearest(note.duration));
    write_program(note.voice);
    write_if(WordKind::kTempo, tempo_);
    write_if(WordKind::kTimeSignature, meter_ - &words_.meter(0));
  }
  void end(const NoteEnd&) {}

 private:
  void write_if(WordKind kind, std::int64_t value) {
    if (words_.has(kind)) write(kind, value);
  }
  int tempo_ = 0;
  std::int64_t bar_ = 0, section_onset_ = 0;  // where the meter began
};

// Bars and positions rise; what belongs to a bar or to a time is the same in all its rows.
class OctupleGrammar final : public BeatGrammar {
 public:
  using BeatGrammar::BeatGrammar;
  std::unique_ptr<TokenGrammar> clone() const override { return std::make_unique<OctupleGrammar>(*this); }
  void reset() override {
    BeatGrammar::reset();
    last_ = row_ = {};
  }
  void accept(TokenId token) override {
    BeatGrammar::accept(token);
    const Word word = words().word(token);
    if (word.kind == WordKind::kPosition) row_.position = word.value;
    if (word.kind == WordKind::kBarNumber) row_.bar = word.value;
    if (word.kind == WordKind::kTempo) row_.tempo = word.value;
    if (word.kind == WordKind::kTimeSignature) row_.meter = word.value;
    if (word.kind == last_of_octuple(words())) last_ = row_;
  }

 private:
  struct Row {
    int bar = -1, position = 0, tempo = 0, meter = -1;
  };

  int length(int meter) const { return words().meter(meter).numerator * words().positions_per_beat(); }
  int last_length() const { return length(last_.meter < 0 ? words().default_meter() : last_.meter); }
  bool in_last_bar() const { return row_.bar == last_.bar; }

  Values ordered_values(WordKind kind) const override {
    const Values all{0, words().count(kind)};
    const bool is_last_word = last_.bar + 1 == words().count(WordKind::kBarNumber);
    switch (kind) {
      case WordKind::kPosition:
        return is_last_word ? Values{last_.position, last_length()} : all;
      case WordKind::kBarNumber: {
        const bool fits = row_.position >= last_.position && row_.position < last_length();
        return {last_.bar < 0 ? 0 : fits ? last_.bar : last_.bar + 1, all.to};
      }
      case WordKind::kTempo:
        if (in_last_bar() && row_.position == last_.position) return {last_.tempo, last_.tempo + 1};
        return all;
      case WordKind::kTimeSignature:
        return in_last_bar() ? Values{last_.meter, last_.meter + 1} : all;
      default:
        return BeatGrammar::ordered_values(kind);
    }
  }
  bool picks(WordKind kind) const override { return kind == WordKind::kTimeSignature; }
  bool is_picked(WordKind, int meter) const override { return row_.position < length(meter); }

  Row last_, row_;  // the last whole one, and the one at hand
};

class OctupleMeter final : public LengthMeter {
 public:
  explicit OctupleMeter(std::shared_ptr<const BeatLanguage> language)
      : language_(std::move(language)), clock_(language_->words) {}
  std::unique_ptr<LengthMeter> clone() const override { return std::make_unique<OctupleMeter>(*this); }
  void reset() override { clock_ = OctupleClock(language_->words); }
  void accept(TokenId token) override { clock_.accept(language_->words.word(token)); }
  score::Seconds elapsed() const override { return score::Seconds(clock_.seconds()); }
  std::size_t bars_begun() const override { return clock_.bars_begun(); }
  MusicalPosition position() const override {
    const BeatWords& words = language_->words;
    return words.position(clock_.now() - clock_.bar_onset(), words.meter(clock_.meter()), clock_.now());
  }
  PositionRange position_range() const override { return {.places = language_->words.places_per_bar()}; }

 private:
  std::shared_ptr<const BeatLanguage> language_;
  OctupleClock clock_;
};

// Gives a note, and what changes with it, for each row.
class OctupleReader final : public BeatReader {
 public:
  explicit OctupleReader(const BeatWords& words) : BeatReader(words), clock_(words) {}
  void accept(std::span<const TokenId> tokens, DecodedEvents* events) override {
    for (const TokenId token : tokens)
      if (clock_.accept(words_.word(token))) take_row(events);
  }

 private:
  void take_row(DecodedEvents* events) {
    const OctupleRow& row = clock_.row();
    if (words_.has(WordKind::kTimeSignature) && meter_ != clock_.meter())
      mark(WordKind::kTimeSignature, meter_ < 0 ? 0 : clock_.bar_onset(), clock_.meter(), events);
    if (words_.has(WordKind::kTempo) && tempo_ != row.tempo)
      mark(WordKind::kTempo, tempo_ < 0 ? 0 : clock_.now(), row.tempo, events);
    meter_ = clock_.meter();
    tempo_ = row.tempo;
    piece_.notes.push_back({.onset = clock_.now(),
                            .duration = words_.meter(meter_).lengths->ticks(row.duration),
                            .voice = voice(words_.has(WordKind::kProgram) ? row.program
                                           : row.is_drum                  ? kDrumVoice
                                                                          : 0),
                            .pitch = words_.pitch(row.pitch, row.is_drum),
                            .velocity = words_.velocity(row.velocity)});
    give(piece_.notes.back(), events);
  }
  void mark(WordKind kind, std::int64_t time, int value, DecodedEvents* events) {
    piece_.marks.push_back({time, kind, BeatMark::kWholePiece, value});
    give(piece_.marks.back(), events);
  }
  std::uint16_t voice(int key) {
    int& known = voices_[std::size_t(key)];
    if (known < 0) {
      known = int(piece_.voices.size());
      piece_.voices.push_back(BeatVoice::of(key));
    }
    return std::uint16_t(known);
  }

  OctupleClock clock_;
  std::vector<int> voices_ = std::vector<int>(kVoices, -1);  // by key
  int meter_ = -1, tempo_ = -1;
};

class Octuple final : public BeatTokenizer {
 public:
  explicit Octuple(std::shared_ptr<const BeatLanguage> language) : BeatTokenizer("octuple", std::move(language), {}) {}
  std::unique_ptr<TokenGrammar> grammar() const override { return std::make_unique<OctupleGrammar>(language()); }
  std::unique_ptr<LengthMeter> length_meter() const override { return std::make_unique<OctupleMeter>(language()); }

  std::vector<std::size_t> bar_starts(std::span<const TokenId> tokens) const override {
    std::vector<std::size_t> starts;
    OctupleClock clock(words());
    std::size_t row = 0, bars = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (!clock.accept(words().word(tokens[i]))) continue;
      if (clock.bars_begun() > bars) starts.push_back(starts.empty() ? 0 : row);
      bars = clock.bars_begun();
      row = i + 1;
    }
    if (starts.empty() && !tokens.empty()) starts.push_back(0);
    return starts;
  }

 private:
  std::vector<TokenId> encode_piece(const BeatPiece& piece) const override {
    return encode_with<OctupleEncoder>(piece, words());
  }
  // Time signatures and tempos begin with the next note, and bars at the end may be missing.
  bool reads_otherwise() const override { return true; }
  std::unique_ptr<BeatReader> reader() const override { return std::make_unique<OctupleReader>(words()); }
  // Every word is part of a row, which is a note; with its last word the row is whole, and its time is reached.
  TokenTraits traits_of(Word word) const override {
    TokenTraits traits = BeatTokenizer::traits_of(word);
    traits.part_of_note = true;
    traits.advances_time = word.kind == last_of_octuple(words());
    traits.notes = static_cast<std::uint16_t>(word.kind == last_of_octuple(words()));
    return traits;
  }
  void fit(BeatPiece& piece) const override { drop_late_bars(piece, words(), {}); }
  void add_losses(const score::Score& score, LossList& losses) const override {
    losses.add(late_notes(score, words(), {}), "note behind the last bar", "notes behind the last bar");
  }
};

}  // namespace

std::shared_ptr<const Tokenizer> make_octuple(const BeatOptions& given) {
  BeatOptions options = given;
  options.keys = options.chords = options.pedals = false;
  options.rests.clear();
  options.pitch_bends = 0;
  const auto language = std::make_shared<BeatLanguage>(options, BeatParts{.positions = true, .bar_numbers = true});
  language->program_follows = language->unordered = true;
  WordGraph& graph = language->graph;
  const int begin = graph.add_place();
  graph.link(WordGraph::kStart, {begin});
  int last = graph.add_place();
  for (const WordKind kind : {WordKind::kPitch, WordKind::kDrumPitch}) {
    const int pitch = graph.add(kind);
    graph.link(begin, {pitch});
    graph.link(pitch, {last});
  }
  for (const WordKind kind : {WordKind::kPosition, WordKind::kBarNumber, WordKind::kVelocity, WordKind::kDuration,
                              WordKind::kProgram, WordKind::kTempo, WordKind::kTimeSignature}) {
    if (!language->words.has(kind)) continue;
    const int node = graph.add(kind);
    graph.link(last, {node});
    last = node;
  }
  graph.node(last).can_end = graph.node(last).completes_note = true;
  graph.link(last, {begin});
  graph.finish();
  return std::make_shared<Octuple>(language);
}

}  // namespace continuo::tokens
