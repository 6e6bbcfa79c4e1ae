#include <utility>

#include "../beat/beat_graphs.h"
#include "../beat/beat_tokenizer.h"
#include "members.h"
#include "remi_plus_encoder.h"
#include "tsd_encoder.h"

namespace continuo::tokens {
namespace {

constexpr int kTrackStart = 0, kTrackEnd = 1;

class Mmm final : public BeatTokenizer {
 public:
  explicit Mmm(std::shared_ptr<const BeatLanguage> language)
      : BeatTokenizer("mmm", std::move(language), {.separate_tracks = true}) {}

  // A continuation continues the last track.
  std::vector<TokenId> without_closing(std::span<const TokenId> tokens) const override {
    const bool closed = !tokens.empty() && tokens.back() == words().id(WordKind::kTrack, kTrackEnd);
    return {tokens.begin(), tokens.end() - static_cast<std::ptrdiff_t>(closed)};
  }

 private:
  // What belongs to the whole piece stands in every track.
  std::vector<TokenId> encode_piece(const BeatPiece& piece) const override {
    std::vector<BeatPiece> tracks(piece.voices.size());
    for (BeatPiece& track : tracks) track.voices = piece.voices;
    for (const GridNote& note : piece.notes) tracks[note.voice].notes.push_back(note);
    for (const BeatMark& mark : piece.marks) {
      if (mark.voice != BeatMark::kWholePiece) {
        tracks[mark.voice].marks.push_back(mark);
      } else {
        for (BeatPiece& track : tracks) track.marks.push_back(mark);
      }
    }
    std::vector<TokenId> tokens;
    for (std::size_t i = 0; i < tracks.size(); ++i) {
      tokens.push_back(words().id(WordKind::kTrack, kTrackStart));
      tokens.push_back(words().id(WordKind::kProgram, piece.voices[i].key()));
      const std::vector<TokenId> encoded = words().has(WordKind::kBar)
                                               ? encode_with<RemiPlusEncoder>(tracks[i], words())
                                               : encode_with<TsdEncoder>(tracks[i], words());
      tokens.insert(tokens.end(), encoded.begin(), encoded.end());
      tokens.push_back(words().id(WordKind::kTrack, kTrackEnd));
    }
    return tokens;
  }
};

}  // namespace

std::shared_ptr<const Tokenizer> make_mmm(const BeatOptions& given) {
  BeatOptions options = given;
  options.programs = true;
  const bool in_bars = options.base == "remi_plus";
  const auto language = std::make_shared<BeatLanguage>(
      options, BeatParts{.bars = in_bars, .positions = in_bars, .shifts = !in_bars, .tracks = true});
  WordGraph& graph = language->graph;
  const int start = graph.add(WordKind::kTrack, kTrackStart, kTrackStart + 1);
  const int program = graph.add(WordKind::kProgram);
  const int end = graph.add(WordKind::kTrack, kTrackEnd, kTrackEnd + 1);
  graph.link(WordGraph::kStart, {start});
  graph.link(start, {program});
  graph.link(end, {start});
  const int done = in_bars ? add_barred_piece(graph, language->words, program, false)
                           : add_shifted_piece(graph, language->words, program, false);
  graph.link(done, {end});
  graph.end_only_after(end);
  graph.finish();
  return std::make_shared<Mmm>(language);
}

}  // namespace continuo::tokens
