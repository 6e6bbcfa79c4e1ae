#include "continuo/score/melody.h"

#include <algorithm>

namespace continuo::score {
namespace {

constexpr int kOctave = 12;
constexpr int kQuartersHeard = 4;  // the line stays in the ear for so long

// By onset, the highest of an onset first, of equal ones the longest.
std::vector<Note> pitched_notes(const Score& score) {
  std::vector<Note> notes;
  for (const Track& track : score.tracks)
    if (!track.is_drum) notes.insert(notes.end(), track.notes.begin(), track.notes.end());
  std::ranges::stable_sort(notes, [](const Note& a, const Note& b) {
    if (a.onset != b.onset) return a.onset < b.onset;
    return a.pitch != b.pitch ? a.pitch > b.pitch : a.duration > b.duration;
  });
  return notes;
}

}  // namespace

std::vector<Note> melody_of(const Score& score) {
  const Ticks heard(std::int64_t{score.ticks_per_quarter} * kQuartersHeard);
  std::vector<Note> line;
  for (const Note& note : pitched_notes(score)) {
    if (!line.empty()) {
      Note& last = line.back();
      if (note.onset == last.onset) continue;
      const bool still_sounds = last.end() > note.onset, is_near = note.onset - last.end() < heard;
      if (still_sounds && note.pitch < last.pitch) continue;
      if (is_near && note.pitch + kOctave < last.pitch) continue;
      if (still_sounds) last.duration = note.onset - last.onset;
    }
    line.push_back(note);
  }
  return line;
}

}  // namespace continuo::score
