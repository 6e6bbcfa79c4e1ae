#include <algorithm>
#include <array>

#include "../beat/bar_encoder.h"
#include "../beat/beat_tokenizer.h"
#include "members.h"

namespace continuo::tokens {
namespace {

constexpr int kMetric = 0, kNote = 1;  // Family words

// What stands where in a row. Source: Hsiao et al., "Compound Word Transformer", arXiv 2101.02402, as in MidiTok.
std::vector<WordKind> columns_of(const BeatWords& words) {
  std::vector<WordKind> columns = {WordKind::kFamily, WordKind::kPosition, WordKind::kPitch};
  for (const WordKind kind : {WordKind::kVelocity, WordKind::kDuration, WordKind::kProgram, WordKind::kChord,
                              WordKind::kRest, WordKind::kTempo, WordKind::kTimeSignature})
    if (words.has(kind)) columns.push_back(kind);
  return columns;
}

class CpWordEncoder final : public BarEncoder<CpWordEncoder> {
 public:
  CpWordEncoder(const BeatPiece& piece, const BeatWords& words) : BarEncoder(piece, words) {
    const std::vector<WordKind> columns = columns_of(words);
    width_ = columns.size();
    for (std::size_t i = 0; i < columns.size(); ++i) column_[std::size_t(columns[i])] = i;
    column_[std::size_t(WordKind::kBar)] = column_[std::size_t(WordKind::kPosition)];
    column_[std::size_t(WordKind::kDrumPitch)] = column_[std::size_t(WordKind::kPitch)];
    tempo_ = words.default_tempo();
    for (const BeatMark& mark : piece.marks) {
      if (mark.kind != WordKind::kTempo) continue;
      tempo_ = mark.value;
      break;
    }
  }

  void expect(const BeatMark& mark) {
    if (mark.kind == WordKind::kTempo) tempo_ = mark.value;
  }
  void write_bar(int meter) {
    begin_row(kMetric);
    put(WordKind::kBar, 0);
    put(WordKind::kTimeSignature, meter);
    write_row();
  }
  void write_position(std::int64_t position, const BeatMark* mark) {
    begin_row(kMetric);
    put(WordKind::kPosition, position);
    put(WordKind::kTempo, tempo_);
    if (mark != nullptr && mark->kind == WordKind::kChord) put(WordKind::kChord, mark->value);
    write_row();
  }
  void write_rest(int length) {
    begin_row(kMetric);
    put(WordKind::kRest, length);
    write_row();
  }
  void write_change(const BeatMark&, bool) {}
  void write_note(const GridNote& note) {
    begin_row(kNote);
    const bool drum = voice(note.voice).is_drum;
    put(drum ? WordKind::kDrumPitch : WordKind::kPitch,
        note.pitch - (drum ? words_.options().lowest_drum : words_.options().lowest_pitch));
    put(WordKind::kVelocity, words_.velocity_bin(note.velocity));
    put(WordKind::kDuration, meter_->lengths->nearest(note.duration));
    put(WordKind::kProgram, voice(note.voice).key());
    write_row();
  }

 private:
  void begin_row(int family) {
    row_.fill(words_.id(WordKind::kIgnore, 0));
    put(WordKind::kFamily, family);
  }
  void put(WordKind kind, std::int64_t value) {
    if (words_.has(kind)) row_[column_[std::size_t(kind)]] = words_.id(kind, value);
  }
  void write_row() { write_all({row_.data(), width_}); }

  std::array<std::size_t, kWordKinds> column_{};
  std::array<TokenId, 10> row_{};
  std::size_t width_ = 0;
  int tempo_ = 0;
};

class CpWord final : public BeatTokenizer {
 public:
  explicit CpWord(std::shared_ptr<const BeatLanguage> language) : BeatTokenizer("cp_word", std::move(language), {}) {}

 private:
  std::vector<TokenId> encode_piece(const BeatPiece& piece) const override {
    return encode_with<CpWordEncoder>(piece, words());
  }
  WordKind last_of_note() const override {
    return words().has(WordKind::kProgram) ? WordKind::kProgram : WordKind::kDuration;
  }
  TokenTraits traits_of(Word word) const override {
    TokenTraits traits = BeatTokenizer::traits_of(word);
    traits.part_of_note |= word.kind == WordKind::kFamily && word.value == kNote;
    return traits;
  }
};

bool stands_in(WordKind kind, WordKind column) {
  return kind == column || (column == WordKind::kPosition && kind == WordKind::kBar) ||
         (column == WordKind::kPitch && kind == WordKind::kDrumPitch);
}

// Adds the columns from the second on of a row whose words are of `kinds` and Ignore elsewhere; a Chord may be missing.
// Returns the place behind it.
int add_row(WordGraph& graph, const BeatWords& words, int family, std::initializer_list<WordKind> kinds, bool is_note) {
  const std::vector<WordKind> columns = columns_of(words);
  int last = family;
  for (std::size_t i = 1; i < columns.size(); ++i) {
    const int after = graph.add_place();
    const auto add = [&](WordKind kind) {
      const int node = graph.add(kind);
      graph.node(node).can_end = i + 1 == columns.size();
      graph.node(node).completes_note = is_note && i + 1 == columns.size();
      graph.link(last, {node});
      graph.link(node, {after});
    };
    bool is_empty = columns[i] == WordKind::kChord;
    for (const WordKind kind : kinds)
      if (stands_in(kind, columns[i])) add(kind);
    is_empty |= std::none_of(kinds.begin(), kinds.end(), [&](auto kind) { return stands_in(kind, columns[i]); });
    if (is_empty) add(WordKind::kIgnore);
    last = after;
  }
  return last;
}

void make_graph(WordGraph& graph, const BeatWords& words) {
  const int first = graph.add(WordKind::kFamily, kMetric, kMetric + 1);
  const int metric = graph.add(WordKind::kFamily, kMetric, kMetric + 1);
  const int note = graph.add(WordKind::kFamily, kNote, kNote + 1);
  graph.link(WordGraph::kStart, {first});
  const auto bar = {WordKind::kBar, WordKind::kTimeSignature};
  graph.link(add_row(graph, words, first, bar, false), {metric});
  graph.link(add_row(graph, words, metric, bar, false), {metric});
  const auto place = {WordKind::kPosition, WordKind::kTempo, WordKind::kChord};
  graph.link(add_row(graph, words, metric, place, false), {note, metric});
  if (words.has(WordKind::kRest)) graph.link(add_row(graph, words, metric, {WordKind::kRest}, false), {metric});
  const auto whole_note = {WordKind::kPitch, WordKind::kDrumPitch, WordKind::kVelocity, WordKind::kDuration,
                           WordKind::kProgram};
  graph.link(add_row(graph, words, note, whole_note, true), {note, metric});
  graph.finish();
}

}  // namespace

std::shared_ptr<const Tokenizer> make_cp_word(const BeatOptions& given) {
  BeatOptions options = given;
  options.keys = options.pedals = false;
  options.pitch_bends = 0;
  // A rest passes over bars, and it is bars that name the meter.
  if (options.overlaps == NoteOverlaps::kCut) options.rests.clear();
  const auto language =
      std::make_shared<BeatLanguage>(options, BeatParts{.bars = true, .positions = true, .family = true});
  language->program_follows = language->unordered = true;
  make_graph(language->graph, language->words);
  return std::make_shared<CpWord>(language);
}

}  // namespace continuo::tokens
