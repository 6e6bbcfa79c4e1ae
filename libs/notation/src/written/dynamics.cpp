#include "dynamics.h"

#include <algorithm>
#include <array>

namespace continuo::notation::written {
namespace {

struct Mark {
  std::string_view name;
  int attack, level;  // 0: none
};

// Sforzati and their like: an instant of fortissimo.
constexpr std::array kMarks = {Mark{"pppppp", 0, 5},  Mark{"ppppp", 0, 8},    Mark{"pppp", 0, 10}, Mark{"ppp", 0, 16},
                               Mark{"pp", 0, 33},     Mark{"p", 0, 49},       Mark{"mp", 0, 64},   Mark{"mf", 0, 80},
                               Mark{"f", 0, 96},      Mark{"ff", 0, 112},     Mark{"fff", 0, 126}, Mark{"ffff", 0, 127},
                               Mark{"fffff", 0, 127}, Mark{"ffffff", 0, 127}, Mark{"n", 0, 1},     Mark{"sf", 112, 0},
                               Mark{"sfz", 112, 0},   Mark{"sffz", 120, 0},   Mark{"fz", 112, 0},  Mark{"rf", 112, 0},
                               Mark{"rfz", 112, 0},   Mark{"fp", 96, 49},     Mark{"pf", 49, 96},  Mark{"sfp", 112, 49},
                               Mark{"sfpp", 112, 33}, Mark{"sfzp", 112, 49}};

}  // namespace

std::optional<Dynamic> dynamic_of_mark(std::string_view name) {
  const auto mark = std::find_if(kMarks.begin(), kMarks.end(), [&](const Mark& m) { return m.name == name; });
  if (mark == kMarks.end()) return std::nullopt;
  Dynamic dynamic;
  if (mark->attack > 0) dynamic.attack = mark->attack;
  if (mark->level > 0) dynamic.level = mark->level;
  return dynamic;
}

void apply_dynamics(std::vector<Note>& notes, std::vector<At<Dynamic>>& dynamics, int& level) {
  const auto earlier = [](const auto& a, const auto& b) { return a.offset < b.offset; };
  std::stable_sort(notes.begin(), notes.end(), earlier);
  std::stable_sort(dynamics.begin(), dynamics.end(), earlier);
  std::size_t next = 0;
  std::optional<At<int>> attack;
  const auto take = [&] {
    const auto& [offset, dynamic] = dynamics[next++];
    if (dynamic.level) level = *dynamic.level;
    if (dynamic.attack) attack = At<int>{offset, *dynamic.attack};
  };
  for (Note& note : notes) {
    while (next < dynamics.size() && dynamics[next].offset <= note.offset) take();
    if (note.has_own_velocity) continue;
    note.velocity = static_cast<std::uint8_t>(attack && attack->offset == note.offset ? attack->value : level);
  }
  while (next < dynamics.size()) take();
}

}  // namespace continuo::notation::written
