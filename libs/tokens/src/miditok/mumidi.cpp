#include <utility>

#include "../beat/beat_encoder.h"
#include "../beat/beat_tokenizer.h"
#include "../core/loss_list.h"
#include "members.h"

namespace continuo::tokens {
namespace {

// In rows: Bar, Position, Program, Chord or Pitch, each with the bar and the position that it belongs to and the tempo,
// a Pitch with Velocity and Duration. Source: Ren et al., "PopMAG", arXiv 2008.07703, as in MidiTok.
class MuMidiEncoder final : public BeatEncoder {
 public:
  MuMidiEncoder(const BeatPiece& piece, const BeatWords& words)
      : BeatEncoder(piece, words), no_place_(words.count(WordKind::kPlace) - 1), tempo_(words.default_tempo()) {
    for (const BeatMark& mark : piece.marks)
      if (mark.kind == WordKind::kTempo) tempos_.push_back(mark);
    if (!tempos_.empty()) tempo_ = tempos_[0].value;
  }
  void mark(const BeatMark& mark) {
    if (mark.kind != WordKind::kChord) return;
    reach(mark.time, mark.voice);
    write(WordKind::kChord, mark.value);
    write_place();
  }
  void note(const GridNote& note) {
    reach(note.onset, note.voice);
    write_pitch(note.voice, note.pitch, WordKind::kPitch, WordKind::kDrumPitch);
    write_place();
    if (words_.has(WordKind::kVelocity)) write(WordKind::kVelocity, words_.velocity_bin(note.velocity));
    write(WordKind::kDuration, meter_->lengths->nearest(note.duration));
  }
  void end(const NoteEnd&) {}

 private:
  void reach(std::int64_t time, int voice_index) {
    for (; next_tempo_ < tempos_.size() && tempos_[next_tempo_].time <= time; ++next_tempo_)
      tempo_ = tempos_[next_tempo_].value;
    if (std::exchange(now_, time) != time) {
      written_voice_ = -1;
      place_ = no_place_;
      while (bar_ < time / meter_->ticks_per_bar) {
        ++bar_;
        write(WordKind::kBar, 0);
        write_place();
      }
      place_ = time % meter_->ticks_per_bar / meter_->ticks_per_position;
      write(WordKind::kPosition, place_);
      write_place();
    }
    if (std::exchange(written_voice_, voice_index) == voice_index) return;
    write_program(std::uint16_t(voice_index));
    write_place();
  }
  void write_place() {
    write(WordKind::kBarNumber, bar_);
    write(WordKind::kPlace, place_);
    if (words_.has(WordKind::kTempo)) write(WordKind::kTempo, tempo_);
  }

  std::int64_t no_place_;
  std::vector<BeatMark> tempos_;
  std::size_t next_tempo_ = 0;
  int tempo_;
  std::int64_t now_ = -1, bar_ = -1, place_ = 0;
  int written_voice_ = -1;
};

// Bar, position and tempo of a row are those of what they belong to; a new position may have a new tempo.
class MuMidiGrammar final : public BeatGrammar {
 public:
  using BeatGrammar::BeatGrammar;
  std::unique_ptr<TokenGrammar> clone() const override { return std::make_unique<MuMidiGrammar>(*this); }
  void reset() override {
    BeatGrammar::reset();
    row_ = WordKind::kNone;
    tempo_ = 0;
  }
  void accept(TokenId token) override {
    BeatGrammar::accept(token);
    const Word word = words().word(token);
    switch (word.kind) {
      case WordKind::kTempo:
        tempo_ = word.value;
        break;
      case WordKind::kBar:
      case WordKind::kPosition:
      case WordKind::kProgram:
      case WordKind::kChord:
      case WordKind::kPitch:
      case WordKind::kDrumPitch:
        row_ = word.kind;
        break;
      default:
        break;
    }
  }

 private:
  Values ordered_values(WordKind kind) const override {
    const int bars = int(state().clock.bars_begun());
    switch (kind) {
      case WordKind::kBar:
        return {0, bars < words().options().max_bars ? 1 : 0};
      case WordKind::kBarNumber:
        return {bars - 1, bars};
      case WordKind::kPlace: {
        const int place = row_ == WordKind::kBar ? words().count(WordKind::kPlace) - 1 : state().position;
        return {place, place + 1};
      }
      case WordKind::kTempo:
        if (row_ == WordKind::kBar || row_ == WordKind::kPosition) return BeatGrammar::ordered_values(kind);
        return {tempo_, tempo_ + 1};
      default:
        return BeatGrammar::ordered_values(kind);
    }
  }

  WordKind row_ = WordKind::kNone;  // what the last row is of
  int tempo_ = 0;
};

// A bar's tempo is that of its first note: at the bar line it would begin too early. The first holds from the start.
class MuMidiReader final : public ClockedReader {
 public:
  using ClockedReader::ClockedReader;
  void accept(std::span<const TokenId> tokens, DecodedEvents* events) override {
    for (const TokenId token : tokens) {
      const Word word = words_.word(token);
      if (word.kind == WordKind::kBar || word.kind == WordKind::kPosition) row_ = word.kind;
      if (word.kind != WordKind::kTempo) {
        ClockedReader::accept(word, events);
      } else if (row_ != WordKind::kBar) {
        accept_tempo(word, events);
      }
    }
  }

 private:
  void accept_tempo(Word word, DecodedEvents* events) {
    const int before = std::exchange(tempo_, word.value);
    if (before == word.value) return;
    ClockedReader::accept(word, events);
    if (before >= 0) return;
    piece_.marks[0].time = 0;
    if (events) events->tempos.back().onset = score::Ticks(0);
  }

  WordKind row_ = WordKind::kNone;
  int tempo_ = -1;
};

constexpr BeatGrid kGrid{.sorted_voices = true};

class MuMidi final : public BeatTokenizer {
 public:
  explicit MuMidi(std::shared_ptr<const BeatLanguage> language) : BeatTokenizer("mumidi", std::move(language), kGrid) {}
  std::unique_ptr<TokenGrammar> grammar() const override { return std::make_unique<MuMidiGrammar>(language()); }

 private:
  std::vector<TokenId> encode_piece(const BeatPiece& piece) const override {
    return encode_with<MuMidiEncoder>(piece, words());
  }
  // Tempos begin with the next note.
  bool reads_otherwise() const override { return true; }
  std::unique_ptr<BeatReader> reader() const override {
    return std::make_unique<MuMidiReader>(words(), last_of_note());
  }
  void fit(BeatPiece& piece) const override { drop_late_bars(piece, words(), kGrid); }
  void add_losses(const score::Score& score, LossList& losses) const override {
    losses.add(late_notes(score, words(), kGrid), "note behind the last bar", "notes behind the last bar");
  }
};

// Adds a row that begins with `kind`, followed by its place. Returns its last node.
int add_row(WordGraph& graph, const BeatWords& words, int from, WordKind kind) {
  int last = from;
  for (const WordKind each : {kind, WordKind::kBarNumber, WordKind::kPlace, WordKind::kTempo}) {
    if (!words.has(each)) continue;
    const int node = graph.add(each);
    graph.link(last, {node});
    last = node;
  }
  return last;
}

void make_graph(WordGraph& graph, const BeatWords& words) {
  const int ready = graph.add_place();
  const int notes = graph.add_place();
  const int in_bar = add_row(graph, words, ready, WordKind::kBar);
  graph.link(in_bar, {ready});
  const int after_bar = graph.add_place();
  graph.link(add_row(graph, words, WordGraph::kStart, WordKind::kBar), {ready, after_bar});
  const int position = add_row(graph, words, after_bar, WordKind::kPosition);
  graph.link(ready, {after_bar});
  const int program = add_row(graph, words, position, WordKind::kProgram);
  graph.link(program, {notes});
  const int done = graph.add_place();
  if (words.has(WordKind::kChord)) {
    const int chord = add_row(graph, words, notes, WordKind::kChord);
    graph.node(chord).can_end = true;
    graph.link(chord, {done});
  }
  for (const WordKind pitch : {WordKind::kPitch, WordKind::kDrumPitch}) {
    int last = add_row(graph, words, notes, pitch);
    for (const WordKind kind : {WordKind::kVelocity, WordKind::kDuration}) {
      if (!words.has(kind)) continue;
      const int node = graph.add(kind);
      graph.link(last, {node});
      last = node;
    }
    graph.node(last).can_end = graph.node(last).completes_note = true;
    graph.link(last, {done});
  }
  graph.link(done, {notes, ready});
  // A change of instrument at the same position.
  const int again = add_row(graph, words, done, WordKind::kProgram);
  graph.link(again, {notes});
  graph.finish();
}

}  // namespace

std::shared_ptr<const Tokenizer> make_mumidi(const BeatOptions& given) {
  BeatOptions options = given;
  options.meters = options.keys = options.pedals = false;
  options.programs = true;
  options.rests.clear();
  options.pitch_bends = 0;
  const auto language = std::make_shared<BeatLanguage>(
      options, BeatParts{.bars = true, .positions = true, .bar_numbers = true, .places = true});
  make_graph(language->graph, language->words);
  return std::make_shared<MuMidi>(language);
}

}  // namespace continuo::tokens
