#include "note_rules.h"

#include <algorithm>

namespace continuo::generate {

using score::Note;
using score::Ticks;

Status check_rules(const NoteRules& rules, const tokens::TrackCells& cells) {
  const auto invalid = [](const char* what) { return Error{ErrorCode::invalid_argument, what}; };
  if (rules.lowest < 0 || rules.highest > 127 || rules.lowest > rules.highest)
    return invalid("the range of pitches must be keys of MIDI, the lower first");
  if (rules.most_at_once < 0 || rules.notes_per_bar < 0) return invalid("a number of notes must not be negative");
  const auto words = cells.pitch_words(false);
  for (int pitch = std::max(rules.lowest, words.lowest); pitch <= rules.highest; ++pitch)
    if (pitch < words.lowest + words.count && (rules.pitch_classes >> (pitch % 12) & 1) != 0) return {};
  return invalid("no pitch that the model knows is in that range and scale");
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

}  // namespace continuo::generate
