#include "rests.h"

#include <algorithm>

namespace continuo::generate {

Rests::Rests(std::size_t tracks, std::size_t bars, const std::vector<std::optional<std::size_t>>& repeated,
             std::size_t from, std::optional<std::size_t> longest)
    : states_(tracks, std::vector<State>(bars, State::kUnknown)), from_(from), longest_(longest) {
  for (std::size_t bar = 0; bar < bars; ++bar)
    source_.push_back(bar < repeated.size() ? repeated[bar].value_or(bar) : bar);
}

void Rests::add(std::size_t track, std::size_t bar, bool plays) {
  states_[track][bar] = plays ? State::kPlays : State::kSilent;
}

bool Rests::has_played(std::size_t track) const {
  return std::ranges::find(states_[track], State::kPlays) != states_[track].end();
}

bool Rests::is_silent(std::size_t track, std::size_t place, std::size_t bar) const {
  return place >= from_ && (source_[place] == bar || states_[track][source_[place]] == State::kSilent);
}

bool Rests::must_play(std::size_t track, std::size_t bar) const {
  if (!longest_) return false;
  for (std::size_t place = std::max(bar, from_); place < source_.size(); ++place) {
    if (source_[place] != bar) continue;
    std::size_t begin = place, end = place + 1;
    while (begin > 0 && is_silent(track, begin - 1, bar)) --begin;
    while (end < source_.size() && is_silent(track, end, bar)) ++end;
    if (end - begin > *longest_) return true;
  }
  return false;
}

}  // namespace continuo::generate
