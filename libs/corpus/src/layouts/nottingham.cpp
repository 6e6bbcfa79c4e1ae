#include <algorithm>
#include <string_view>

#include "layouts/recognise.h"

namespace continuo::corpus {

// Each tune is there as a whole, as its melody, as its chords, and twice in a book of ABC.
Result<bool> recognise_nottingham(Source& source) {
  const auto is_whole = [](const SourceEntry& entry) {
    return entry.path.starts_with("MIDI/") && entry.path.find('/', 5) == std::string::npos;
  };
  const auto holds = [&](std::string_view folder) {
    return std::any_of(source.entries.begin(), source.entries.end(),
                       [&](const SourceEntry& entry) { return entry.path.starts_with(folder); });
  };
  if (!holds("MIDI/melody/") || !holds("MIDI/chords/")) return false;
  if (std::none_of(source.entries.begin(), source.entries.end(), is_whole)) return false;
  const auto others = std::erase_if(source.entries, [&](const SourceEntry& entry) { return !is_whole(entry); });
  source.skipped["melodies, chords and ABC of the same tunes (nottingham)"] += others;
  return true;
}

}  // namespace continuo::corpus
