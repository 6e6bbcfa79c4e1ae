#include "lyrics.h"

#include <algorithm>

namespace continuo::notation::written {
namespace {

int verse_of(const Measure& measure, int time) {
  int lowest = measure.lyrics.front().value.verse;
  for (const auto& [offset, syllable] : measure.lyrics) {
    if (syllable.verse == time) return time;
    lowest = std::min(lowest, syllable.verse);
  }
  return lowest;
}

}  // namespace

std::vector<const At<Syllable>*> VerseChooser::play(std::size_t measure) {
  const std::vector<At<Syllable>>& lyrics = part_.measures[measure].lyrics;
  std::vector<const At<Syllable>*> sung;
  const int time = ++times_played_[measure];
  if (lyrics.empty()) return sung;
  const int verse = verse_of(part_.measures[measure], time);
  sung_.emplace(measure, verse);
  for (const At<Syllable>& each : lyrics) {
    if (each.value.verse == verse) sung.push_back(&each);
  }
  return sung;
}

std::size_t VerseChooser::unsung() const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < part_.measures.size(); ++i) {
    for (const auto& [offset, syllable] : part_.measures[i].lyrics)
      count += sung_.contains({i, syllable.verse}) ? 0 : 1;
  }
  return count;
}

}  // namespace continuo::notation::written
