#include "continuo/score/score.h"

#include <array>
#include <iterator>
#include <tuple>

namespace continuo::score {
namespace {

constexpr std::array<const char*, 15> kMajorNames = {"Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C",
                                                     "G",  "D",  "A",  "E",  "B",  "F#", "C#"};
constexpr std::array<const char*, 15> kMinorNames = {"Ab", "Eb", "Bb", "F",  "C",  "G",  "D", "A",
                                                     "E",  "B",  "F#", "C#", "G#", "D#", "A#"};

// Most lists come in order, and seeing that costs less than sorting them.
template <typename Event, typename Before>
void sort_unless_sorted(std::vector<Event>& events, Before before) {
  if (!std::is_sorted(events.begin(), events.end(), before)) std::stable_sort(events.begin(), events.end(), before);
}

template <typename Event>
void sort_by_onset(std::vector<Event>& events) {
  sort_unless_sorted(events, [](const Event& a, const Event& b) { return a.onset < b.onset; });
}

template <typename Event>
void sort_by_place(std::vector<Event>& events) {
  sort_unless_sorted(
      events, [](const Event& a, const Event& b) { return std::tie(a.onset, a.place) < std::tie(b.onset, b.place); });
}

bool note_order(const Note& a, const Note& b) {
  return std::tie(a.onset, a.pitch, a.duration) < std::tie(b.onset, b.pitch, b.duration);
}

}  // namespace

std::string KeySignature::name() const {
  const auto index = static_cast<std::size_t>(std::clamp(fifths, -7, 7) + 7);
  return is_minor ? std::string(kMinorNames[index]) + " minor" : std::string(kMajorNames[index]) + " major";
}

int fifths_at(const std::vector<KeySignature>& keys, Ticks time) {
  const auto next =
      std::upper_bound(keys.begin(), keys.end(), time, [](Ticks t, const KeySignature& key) { return t < key.onset; });
  return next == keys.begin() ? 0 : std::prev(next)->fifths;
}

std::size_t Score::note_count() const {
  std::size_t count = 0;
  for (const Track& track : tracks) count += track.notes.size();
  return count;
}

Ticks Score::end() const {
  Ticks last;
  for (const Track& track : tracks) {
    for (const Note& note : track.notes) last = std::max(last, note.end());
  }
  return last;
}

void Score::sort() {
  for (Track& track : tracks) {
    sort_unless_sorted(track.notes, note_order);
    sort_by_place(track.controls);
    sort_by_place(track.pitch_bends);
    sort_by_place(track.pressures);
  }
  sort_by_onset(tempos);
  sort_by_onset(time_signatures);
  sort_by_onset(irregular_bars);
  sort_by_onset(key_signatures);
  sort_by_onset(chord_symbols);
  sort_by_onset(markers);
}

}  // namespace continuo::score
