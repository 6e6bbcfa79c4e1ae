#include <algorithm>
#include <utility>

#include "../beat/beat_encoder.h"
#include "../beat/beat_graphs.h"
#include "../beat/beat_tokenizer.h"
#include "../core/loss_list.h"
#include "members.h"

namespace continuo::tokens {
namespace {

class StructuredEncoder final : public BeatEncoder {
 public:
  using BeatEncoder::BeatEncoder;
  void note(const GridNote& note) {
    const std::int64_t shift = note.onset - std::exchange(now_, note.onset);
    write(WordKind::kTimeShift, shift == 0 ? 0 : 1 + meter_->lengths->nearest(shift));
    write_note(note);
  }
  void mark(const BeatMark&) {}
  void end(const NoteEnd&) {}

 private:
  std::int64_t now_ = 0;
};

class Structured final : public BeatTokenizer {
 public:
  explicit Structured(std::shared_ptr<const BeatLanguage> language)
      : BeatTokenizer("structured", std::move(language), {}) {}

 private:
  std::vector<TokenId> encode_piece(const BeatPiece& piece) const override {
    return encode_with<StructuredEncoder>(piece, words());
  }

  // One word for every wait: long ones go to the nearest.
  void fit(BeatPiece& piece) const override {
    const LengthTable& lengths = *words().meter(words().default_meter()).lengths;
    std::int64_t from = 0, now = 0;
    for (GridNote& note : piece.notes) {
      const std::int64_t wait = note.onset - std::exchange(from, note.onset);
      if (wait > 0) now += lengths.ticks(lengths.nearest(wait));
      note.onset = now;
    }
    settle(piece, words(), {});
  }

  void add_losses(const score::Score& score, LossList& losses) const override {
    std::vector<std::int64_t> onsets = {0};
    for (const score::Track& track : score.tracks)
      for (const score::Note& note : track.notes) onsets.push_back(note.onset.value);
    std::sort(onsets.begin(), onsets.end());
    const std::int64_t longest = std::int64_t{words().options().resolutions.back().to_beats} * score.ticks_per_quarter;
    std::size_t long_waits = 0;
    for (std::size_t i = 1; i < onsets.size(); ++i) long_waits += onsets[i] - onsets[i - 1] > longest;
    losses.add(long_waits, "overlong wait", "overlong waits");
  }
};

}  // namespace

std::shared_ptr<const Tokenizer> make_structured(const BeatOptions& given) {
  BeatOptions options = given;
  options.meters = options.tempos = options.keys = options.chords = options.pedals = false;
  options.rests.clear();
  options.pitch_bends = 0;
  const auto language = std::make_shared<BeatLanguage>(options, BeatParts{.shifts = true, .zero_shift = true});
  WordGraph& graph = language->graph;
  const int shift = graph.add(WordKind::kTimeShift);
  add_note(graph, language->words, shift, true, shift);
  graph.link(WordGraph::kStart, {shift});
  graph.finish();
  return std::make_shared<Structured>(language);
}

}  // namespace continuo::tokens
