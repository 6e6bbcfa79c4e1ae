#include <algorithm>
#include <utility>

#include "continuo/tokens/track_cells.h"

#include "../beat/beat_graphs.h"
#include "../beat/beat_tokenizer.h"
#include "../beat/task_words.h"
#include "../miditok/members.h"
#include "bar_tracks_encoder.h"
#include "bar_tracks_grammar.h"
#include "bar_tracks_reader.h"

namespace continuo::tokens {
namespace {

constexpr BeatGrid kGrid = {.separate_tracks = true, .sorted_voices = true};

class BarTracks final : public BeatTokenizer {
 public:
  explicit BarTracks(std::shared_ptr<const BeatLanguage> language)
      : BeatTokenizer("bar_tracks", std::move(language), kGrid), cells_(words()) {}

  std::unique_ptr<TokenGrammar> grammar() const override { return std::make_unique<BarTracksGrammar>(language()); }
  const TrackCells* track_cells() const override { return &cells_; }

 private:
  std::vector<TokenId> encode_piece(const BeatPiece& piece) const override {
    return BarTracksEncoder(piece, words()).encode();
  }
  std::unique_ptr<BeatReader> reader() const override { return std::make_unique<BarTracksReader>(words()); }
  void fit(BeatPiece& piece) const override {
    share_last_part(piece);
    move_changes_to_bar_lines(piece, words());
    settle(piece, words(), kGrid);
  }

  TrackCells cells_;
};

// [TimeSig] [Tempo] [Key] after a bar line, then cells; in the first bar of a piece Tempo and Key must be there.
void add_bars(WordGraph& graph, const BeatWords& words) {
  const int in_bar = graph.add_place(), in_cell = graph.add_place(), note = graph.add_place();
  const int bar = graph.add(WordKind::kBar), first_bar = graph.add(WordKind::kBar);
  const int changes = graph.add_place(), key_change = graph.add_place();
  graph.link(changes, {key_change});
  graph.link(key_change, {in_bar});
  const auto add_change = [&](WordKind kind, int from, int to) {
    if (!words.has(kind)) return;
    const int node = graph.add_unit(kind);
    graph.link(from, {node});
    graph.link(node, {to});
  };
  add_change(WordKind::kTempo, changes, key_change);
  add_change(WordKind::kKey, key_change, in_bar);
  graph.node(add_bar_head(graph, words, bar, changes)).can_end = true;
  graph.link(WordGraph::kStart, {first_bar});
  add_bar_head(graph, words, first_bar, add_opening(graph, words, false, in_bar));

  const int program = graph.add(WordKind::kProgram), part = graph.add(WordKind::kPart);
  const int position = graph.add(WordKind::kPosition);
  graph.link(in_bar, {program, bar});
  graph.link(program, {part, position});
  graph.link(part, {position});
  graph.link(position, {note});
  graph.link(in_cell, {note, position, in_bar});
  add_note(graph, words, note, false, in_cell);
}

}  // namespace

std::shared_ptr<const Tokenizer> make_bar_tracks(const BeatOptions& given) {
  BeatOptions options = given;
  options.programs = true;
  options.rests.clear();
  options.pedals = false;
  options.pitch_bends = 0;
  options.overlaps = NoteOverlaps::kCut;
  const auto language =
      std::make_shared<BeatLanguage>(options, BeatParts{.bars = true, .positions = true, .parts = true});
  add_bars(language->graph, language->words);
  language->graph.finish();
  return std::make_shared<BarTracks>(language);
}

}  // namespace continuo::tokens
