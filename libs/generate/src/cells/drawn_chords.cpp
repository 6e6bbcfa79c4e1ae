#include "drawn_chords.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace continuo::generate {
namespace {

using tokens::TrackCells;

class ChordDrawer {
 public:
  ChordDrawer(const TrackCells& cells, std::uint16_t allowed, sampling::Sampler& sampler, Rng& rng,
              GuidedContext& context)
      : sampler_(sampler), rng_(rng), context_(context), legal_(context.learned_logits().size()) {
    for (const auto& [token, chord] : cells.chord_words()) {
      if (chord && (score::pitch_classes(*chord) & ~unsigned{allowed}) != 0) continue;
      words_.push_back(token);
      chords_.push_back(chord);
    }
    half_or_name_ = {cells.chord_half()};
    for (TokenId token = 0; token < TokenId(legal_.size()); ++token)
      if (cells.role(token) == TrackCells::Role::kName) half_or_name_.push_back(token);
  }

  std::optional<score::Chord> chord() {
    const TokenId word = draw(words_);
    read_chords({&word, 1}, context_);
    return chords_[std::size_t(std::ranges::find(words_, word) - words_.begin())];
  }

  // Whether the bar has another chord, whose place the model then has read.
  bool has_another() {
    const TokenId half = half_or_name_.front();
    if (draw(half_or_name_) != half) return false;
    read_chords({&half, 1}, context_);
    return true;
  }

 private:
  TokenId draw(const std::vector<TokenId>& choices) {
    std::ranges::fill(legal_, std::uint8_t{0});
    for (const TokenId token : choices) legal_[std::size_t(token)] = 1;
    return sampler_.sample(context_.learned_logits(), legal_, rng_);
  }

  sampling::Sampler& sampler_;
  Rng& rng_;
  GuidedContext& context_;
  std::vector<std::uint8_t> legal_;                  // by token
  std::vector<TokenId> words_;                       // of chords
  std::vector<std::optional<score::Chord>> chords_;  // that they name
  std::vector<TokenId> half_or_name_;
};

}  // namespace

void read_chords(std::span<const TokenId> tokens, GuidedContext& context) {
  context.read({.asked = tokens, .plain = {}});
}

score::BarChords draw_chords(const TrackCells& cells, ChordRoom room, sampling::Sampler& sampler, Rng& rng,
                             GuidedContext& context) {
  ChordDrawer drawer(cells, room.allowed, sampler, rng, context);
  score::BarChords chords = {drawer.chord()};
  if (room.has_halves && drawer.has_another()) chords.push_back(drawer.chord());
  return chords;
}

}  // namespace continuo::generate
