#include <algorithm>
#include <cstdint>

#include "continuo/tokens/track_cells.h"

#include "../beat/beat_words.h"
#include "../beat/task_words.h"

namespace continuo::tokens {
namespace {

// Two chords of a bar have to explain it better than one by this much on average.
constexpr double kGainOfHalves = 0.15;

// How long each pitch class sounds in a stretch of a bar. Units: ticks.
struct Stretch {
  std::int64_t begin = 0, end = 0;
  score::PitchClassTimes times{};

  void add(int pitch, std::int64_t onset, std::int64_t duration) {
    const std::int64_t sounds = std::min(end, onset + duration) - std::max(begin, onset);
    times[std::size_t(pitch % 12)] += double(std::max<std::int64_t>(0, sounds));
  }
};

}  // namespace

bool TrackCells::has_halves(std::span<const TokenId> head) const {
  const BeatWords::Meter& meter = words_->meter(meter_of(head));
  return meter.numerator % 2 == 0 && meter.ticks_per_bar >= 3 * words_->ticks_per_quarter();
}

int TrackCells::places_per_quarter(std::span<const TokenId> head) const {
  return words_->ticks_per_quarter() / words_->meter(meter_of(head)).ticks_per_position;
}

int TrackCells::meter_of(std::span<const TokenId> head) const {
  const auto meter = std::ranges::find_if(head, [&](TokenId token) { return meters_.has(token); });
  return meter == head.end() ? words_->default_meter() : *meter - meters_.first;
}

score::BarChords TrackCells::chords(const CellBar& bar) const {
  const BeatWords::Meter& meter = words_->meter(meter_of(bar.head));
  const std::int64_t length = meter.ticks_per_bar;
  Stretch whole{.begin = 0, .end = length}, first{.begin = 0, .end = length / 2},
      second{.begin = length / 2, .end = length};
  for (const TrackCell& cell : bar.cells) {
    std::int64_t onset = 0;
    int pitch = -1;
    for (const TokenId token : cell.notes) {
      const Word word = words_->word(token);
      if (word.kind == WordKind::kPosition) onset = std::int64_t(word.value) * meter.ticks_per_position;
      if (word.kind == WordKind::kPitch) pitch = words_->pitch(word.value, false);
      if (word.kind == WordKind::kDrumPitch) pitch = -1;
      if (word.kind != WordKind::kDuration || pitch < 0) continue;
      for (Stretch* stretch : {&whole, &first, &second}) stretch->add(pitch, onset, meter.lengths->ticks(word.value));
    }
  }
  const auto one = score::best_chord(whole.times);
  if (has_halves(bar.head)) {
    const auto left = score::best_chord(first.times), right = score::best_chord(second.times);
    const bool differ = left && right && left->chord != right->chord;
    const double gain = differ ? (left->fit + right->fit) / 2 - (one ? one->fit : 0) : 0;
    if (gain > kGainOfHalves) return {left->chord, right->chord};
  }
  return {one ? std::optional(one->chord) : std::nullopt};
}

TokenId TrackCells::chord_half() const { return task_ + kHalf; }

std::vector<std::pair<TokenId, std::optional<score::Chord>>> TrackCells::chord_words() const {
  std::vector<std::pair<TokenId, std::optional<score::Chord>>> words = {{task_ + kNoChord, std::nullopt}};
  for (TokenId token = task_ + kFirstChord; is_chord(token); ++token) {
    const int index = token - task_ - kFirstChord;
    words.emplace_back(token, score::Chord{index / score::Chord::kKinds, index % score::Chord::kKinds});
  }
  return words;
}

void TrackCells::append_chords(const score::BarChords& chords, std::vector<TokenId>& tokens) const {
  const auto word = [&](const std::optional<score::Chord>& chord) {
    if (!chord) return task_ + kNoChord;
    return task_ + kFirstChord + chord->root * score::Chord::kKinds + chord->kind;
  };
  for (std::size_t i = 0; i < chords.size(); ++i) {
    if (i > 0) tokens.push_back(task_ + kHalf);
    tokens.push_back(word(chords[i]));
  }
}

}  // namespace continuo::tokens
