#include "cell_notes.h"

#include <algorithm>

namespace continuo::generate {

using score::Note;
using score::Ticks;
using score::Track;
using tokens::CellBar;
using tokens::TrackCell;
using tokens::TrackName;

// Alone it is the first part of its program, whatever it is in the piece.
Result<Track> notes_of_track(const tokens::Tokenizer& tokenizer, TrackName track, std::span<const CellBar> bars,
                             std::size_t begin, std::span<const std::vector<TrackCell>> cells) {
  std::vector<TokenId> tokens;
  bool has_notes = false;
  for (std::size_t i = 0; i < begin + cells.size(); ++i) {
    tokens.insert(tokens.end(), bars[i].head.begin(), bars[i].head.end());
    if (i < begin) continue;
    const auto cell = std::ranges::find(cells[i - begin], track, &TrackCell::track);
    if (cell == cells[i - begin].end()) continue;
    tokenizer.track_cells()->append_name({.program = track.program}, tokens);
    tokens.insert(tokens.end(), cell->notes.begin(), cell->notes.end());
    has_notes = true;
  }
  if (!has_notes) return Track{};
  CONTINUO_ASSIGN(score::Score decoded, tokenizer.decode(tokens));
  return std::move(decoded.tracks.at(0));
}

void place_notes(Track& track, const Track& part, const Placement& placement) {
  std::vector<Note> placed;
  for (Note note : part.notes) {
    if (placement.mapping(note.onset) < placement.silent_until) continue;
    const Ticks end = placement.mapping(note.end());
    note.onset = std::max(placement.mapping(note.onset), placement.begin);
    note.duration = (placement.end ? std::min(end, *placement.end) : end) - note.onset;
    note.velocity = placement.velocity.value_or(note.velocity);
    const bool is_sounding = std::ranges::any_of(track.notes, [&](const Note& other) {
      return other.pitch == note.pitch && other.onset <= note.onset && other.end() > note.onset;
    });
    if (note.duration > Ticks(0) && !is_sounding) placed.push_back(note);
  }
  limit_polyphony(placed, placement.most_at_once);
  track.notes.insert(track.notes.end(), placed.begin(), placed.end());
}

void limit_polyphony(std::vector<Note>& notes, int most) {
  if (most == 0) return;
  std::ranges::stable_sort(notes, {}, &Note::onset);
  std::vector<std::size_t> sounding;  // by onset
  for (std::size_t i = 0; i < notes.size(); ++i) {
    const Ticks now = notes[i].onset;
    std::erase_if(sounding, [&](std::size_t other) { return notes[other].end() <= now; });
    sounding.push_back(i);
    while (sounding.size() > std::size_t(most)) {
      Note& first = notes[sounding.front()];
      first.duration = now - first.onset;
      sounding.erase(sounding.begin());
    }
  }
  std::erase_if(notes, [](const Note& note) { return note.duration <= Ticks(0); });
}

std::uint8_t usual_velocity(const Track& track) {
  constexpr std::uint8_t kUsual = 80;
  if (track.notes.empty()) return kUsual;
  std::size_t sum = 0;
  for (const Note& note : track.notes) sum += note.velocity;
  return std::uint8_t(std::max<std::size_t>(1, sum / track.notes.size()));
}

}  // namespace continuo::generate
