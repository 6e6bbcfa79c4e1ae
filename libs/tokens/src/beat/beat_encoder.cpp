#include "beat_encoder.h"

#include <algorithm>

namespace continuo::tokens {
namespace {

constexpr std::size_t kMostTogether = 10;
constexpr std::size_t kFewest = 3, kMost = 5;

// The kind of chord that pitches in the order of their notes make, or -1.
int shape_of(std::span<const GridNote* const> notes) {
  if (notes.size() < kFewest || notes.size() > kMost) return -1;
  std::array<std::int8_t, 5> intervals;
  intervals.fill(-1);
  for (std::size_t i = 0; i < notes.size(); ++i) {
    const int interval = notes[i]->pitch - notes[0]->pitch;
    if (interval < 0 || interval > 24) return -1;
    intervals[i] = std::int8_t(interval);
  }
  const std::span<const ChordShape> shapes = chord_shapes();
  const auto found =
      std::find_if(shapes.begin(), shapes.end(), [&](const ChordShape& shape) { return shape.intervals == intervals; });
  return found == shapes.end() ? -1 : int(found - shapes.begin());
}

// Looks through one voice from front to back.
class ChordFinder {
 public:
  ChordFinder(std::vector<const GridNote*> notes, BeatPiece& piece, const BeatWords& words)
      : notes_(std::move(notes)), piece_(piece), words_(words) {}

  void find() {
    std::int64_t reached = -1;
    for (std::size_t at = 0; at < notes_.size();) {
      if (notes_[at]->onset == reached) {
        ++at;
        continue;
      }
      const std::int64_t beat = beat_at(notes_[at]->onset);
      std::vector<const GridNote*> together = starting_with(at, notes_[at]->onset + window(beat));
      const GridNote& first = *together[0];
      const auto apart = [&](const GridNote* note) { return std::abs(note->end() - first.end()) > beat / 2; };
      if (std::any_of(together.begin(), together.end(), apart)) {
        at += together.size();
        continue;
      }
      if (first.duration <= beat / 2)
        std::erase_if(together, [&](const GridNote* note) { return note->onset != first.onset; });
      if (const int shape = shape_of(together); shape >= 0)
        piece_.marks.push_back({first.onset, WordKind::kChord, first.voice, shape});
      reached = together.back()->onset;
      at += together.size();
    }
  }

 private:
  std::int64_t beat_at(std::int64_t time) {
    for (; mark_ < piece_.marks.size() && piece_.marks[mark_].time <= time; ++mark_)
      if (piece_.marks[mark_].kind == WordKind::kTimeSignature) meter_ = piece_.marks[mark_].value;
    return words_.meter(meter_).ticks_per_beat;
  }
  // Notes that start this much later than the first still belong to its chord.
  std::int64_t window(std::int64_t beat) const { return beat / words_.options().resolutions.front().steps; }
  std::vector<const GridNote*> starting_with(std::size_t at, std::int64_t last_onset) const {
    std::vector<const GridNote*> found;
    for (std::size_t i = at; i < notes_.size() && i < at + kMostTogether && notes_[i]->onset <= last_onset; ++i)
      found.push_back(notes_[i]);
    return found;
  }

  std::vector<const GridNote*> notes_;
  BeatPiece& piece_;
  const BeatWords& words_;
  std::size_t mark_ = 0;
  int meter_ = words_.default_meter();
};

}  // namespace

void add_chords(BeatPiece& piece, const BeatWords& words) {
  const std::size_t marks = piece.marks.size();
  std::vector<BeatMark> chords;
  for (std::size_t voice = 0; voice < piece.voices.size(); ++voice) {
    if (piece.voices[voice].is_drum) continue;
    std::vector<const GridNote*> notes;
    for (const GridNote& note : piece.notes)
      if (note.voice == voice) notes.push_back(&note);
    ChordFinder(std::move(notes), piece, words).find();
    chords.insert(chords.end(), piece.marks.begin() + std::ptrdiff_t(marks), piece.marks.end());
    piece.marks.resize(marks);
  }
  piece.marks.insert(piece.marks.end(), chords.begin(), chords.end());
  sort_marks<VoiceOrder>(piece.marks);
}

}  // namespace continuo::tokens
