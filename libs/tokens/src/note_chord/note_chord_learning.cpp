#include "note_chord_learning.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "note_chord_grammar.h"

namespace continuo::tokens {
namespace {

using ItemCounts = std::unordered_map<ChordItem, std::int64_t, ChordItemHash>;

void count_items(std::span<const GridNote> notes, ItemCounts& counts) {
  while (!notes.empty()) {
    const std::span<const GridNote> together = first_onset(notes);
    for (const ChordItem& item : group_into_items(together)) ++counts[item];
    notes = notes.subspan(together.size());
  }
}

std::set<ChordItem> single_notes(const ItemCounts& counts) {
  std::set<ChordItem> singles;
  for (const auto& [item, count] : counts) {
    for (const std::uint8_t pitch : item.pitches.pitches()) {
      ChordItem single;
      single.pitches.add(pitch);
      single.duration = item.duration;
      singles.insert(single);
    }
  }
  return singles;
}

// Every single note, and the chords that are frequent enough, the most frequent first until the vocabulary is full.
std::vector<ChordItem> choose_items(const ItemCounts& counts, const NoteChordOptions& options) {
  const std::set<ChordItem> singles = single_notes(counts);
  std::vector<std::pair<std::int64_t, ChordItem>> chords;
  for (const auto& [item, count] : counts)
    if (count >= options.min_count && !singles.contains(item)) chords.emplace_back(-count, item);
  std::sort(chords.begin(), chords.end());

  const std::int64_t room =
      std::int64_t{options.max_words} - kSpecialTokens - options.max_steps - std::int64_t(singles.size());
  chords.resize(std::min(chords.size(), std::size_t(std::max<std::int64_t>(0, room))));
  std::vector<ChordItem> items(singles.begin(), singles.end());
  for (const auto& [count, item] : chords) items.push_back(item);
  std::sort(items.begin(), items.end());
  return items;
}

}  // namespace

Result<std::vector<GridNote>> chord_notes(const score::Score& score, const NoteChordSetting& setting, int& shortened) {
  CONTINUO_TRY(check_score(score));
  std::vector<GridNote> notes = one_voice(score, setting.steps_per_quarter, setting.drums);
  for (GridNote& note : notes) note.duration = std::min<std::int64_t>(note.duration, setting.max_steps);
  resolve_overlaps(notes);
  shortened = shorten_silences(notes, std::int64_t{kMaxAdvances} * setting.max_steps, SilenceFrom::kLastOnset);
  return notes;
}

std::vector<ChordItem> group_into_items(std::span<const GridNote> notes) {
  std::vector<ChordItem> items;
  for (const GridNote& note : notes) {
    auto item =
        std::find_if(items.begin(), items.end(), [&](const ChordItem& i) { return i.duration == note.duration; });
    if (item == items.end()) item = items.insert(items.end(), ChordItem{{}, int(note.duration)});
    item->pitches.add(note.pitch);
  }
  std::sort(items.begin(), items.end());
  return items;
}

std::span<const GridNote> first_onset(std::span<const GridNote> notes) {
  std::size_t count = 0;
  while (count < notes.size() && notes[count].onset == notes[0].onset) ++count;
  return notes.first(count);
}

Result<LearnedNoteChord> learn_note_chord(std::span<const score::Score> corpus, const NoteChordOptions& options) {
  LearnedNoteChord learned;
  learned.setting.steps_per_quarter = options.steps_per_quarter;
  learned.setting.max_steps = options.max_steps;
  learned.setting.drums = all_drums(corpus);
  ItemCounts counts;
  std::vector<std::int32_t> tempos;
  for (const score::Score& score : corpus) {
    int shortened = 0;
    const Result<std::vector<GridNote>> notes = chord_notes(score, learned.setting, shortened);
    if (!notes.ok()) continue;
    count_items(*notes, counts);
    tempos.push_back(score.tempo_map().at(score::Ticks(0)).microseconds_per_quarter);
  }
  if (tempos.empty())
    return Error{ErrorCode::no_notes, "there is no piece with notes to learn note_chord's words from"};
  const auto median = tempos.begin() + std::ptrdiff_t(tempos.size() / 2);
  std::nth_element(tempos.begin(), median, tempos.end());
  learned.setting.microseconds_per_quarter = std::max(1, *median);
  learned.items = choose_items(counts, options);
  return learned;
}

}  // namespace continuo::tokens
