#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace continuo::generate {

// Which bars each track plays, so that none rests for too long.
//
// Bars that repeat an earlier one are silent where that one is, and are not written themselves. So a rest can grow at
// several places at once: where a section comes again, the silence at its end meets what follows there. Each rest is
// judged when the last of the bars that it is made of is written, at every place where that bar comes.
class Rests {
 public:
  // `repeated`: as in CellPlan. Bars before `from` do not count. `longest`: bars in a row; empty: any number.
  Rests(std::size_t tracks, std::size_t bars, const std::vector<std::optional<std::size_t>>& repeated, std::size_t from,
        std::optional<std::size_t> longest);

  // A bar that repeats none has been written. Requires: counted from the first asked one, as the next.
  void add(std::size_t track, std::size_t bar, bool plays);
  // Whether the track would rest for too long if the bar were silent.
  bool must_play(std::size_t track, std::size_t bar) const;
  bool has_played(std::size_t track) const;

 private:
  enum class State : unsigned char { kUnknown, kSilent, kPlays };
  bool is_silent(std::size_t track, std::size_t place, std::size_t bar) const;

  std::vector<std::size_t> source_;         // of each bar: the one that it repeats, or itself
  std::vector<std::vector<State>> states_;  // by track and bar
  std::size_t from_;
  std::optional<std::size_t> longest_;
};

}  // namespace continuo::generate
