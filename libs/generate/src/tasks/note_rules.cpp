#include "note_rules.h"

#include <algorithm>
#include <string>

namespace continuo::generate {

Status check_rules(const NoteRules& rules, const tokens::TrackCells& cells) {
  const auto invalid = [](const char* what) { return Error{ErrorCode::invalid_argument, what}; };
  if (rules.lowest < 0 || rules.highest > 127 || rules.lowest > rules.highest)
    return invalid("the range of pitches must be keys of MIDI, the lower first");
  if (rules.longest_rest_bars < 0) return invalid("a number of bars must not be negative");
  if (rules.most_at_once < 0 || rules.notes_per_bar < 0) return invalid("a number of notes must not be negative");
  const int places = cells.places_per_quarter({});
  if (rules.grid < 0 || (rules.grid > 0 && places % rules.grid != 0))
    return Error{ErrorCode::invalid_argument,
                 "the model has " + std::to_string(places) +
                     " places in a quarter for notes to begin at, so a grid of the notes must divide that"};
  const auto words = cells.pitch_words(false);
  for (int pitch = std::max(rules.lowest, words.lowest); pitch <= rules.highest; ++pitch)
    if (pitch < words.lowest + words.count && rules.allows(pitch)) return {};
  return invalid("no pitch that the model knows is in that range and scale");
}

bool has_free_pitch(const ComposeOptions& options, const tokens::TrackCells& cells, bool drums) {
  const auto words = cells.pitch_words(drums);
  for (int pitch = words.lowest; pitch < words.lowest + words.count; ++pitch)
    if (!is_in(options.locked, pitch) && (drums || options.note_rules.allows(pitch))) return true;
  return false;
}

}  // namespace continuo::generate
