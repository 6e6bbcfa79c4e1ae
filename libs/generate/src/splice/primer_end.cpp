#include "primer_end.h"

#include <algorithm>
#include <iterator>

#include "continuo/score/bar_grid.h"

namespace continuo::generate {
namespace {

using score::Score;
using score::Ticks;
using score::Track;

constexpr std::uint8_t kSustain = 64;

}  // namespace

void lift_pedals(Score& primer, Ticks time) {
  for (Track& track : primer.tracks) {
    bool down = false;
    score::TickPlace place = score::TickPlace::between;
    auto after = track.controls.begin();
    for (auto control = track.controls.begin(); control != track.controls.end(); ++control) {
      if (control->onset > time) break;
      after = std::next(control);
      if (control->onset == time) place = std::max(place, control->place);
      if (control->controller == kSustain) down = control->value >= 64;
    }
    if (down) track.controls.insert(after, {time, kSustain, 0, place});
  }
}

Ticks sounding_end(const Score& primer) {
  Ticks end = primer.end();
  for (const Track& track : primer.tracks) {
    if (track.notes.empty()) continue;
    bool down = false;
    for (const auto& control : track.controls) {
      if (control.controller != kSustain) continue;
      if (control.onset > primer.end()) {
        if (down && control.value < 64) end = std::max(end, control.onset);
        if (control.value < 64 || !down) break;
        continue;
      }
      down = control.value >= 64;
    }
  }
  return end;
}

Ticks next_bar_line(const Score& primer) {
  Ticks last_onset(0);
  for (const Track& track : primer.tracks)
    for (const auto& note : track.notes) last_onset = std::max(last_onset, note.onset);
  // A note played slightly early belongs to the next bar, as it does once it is quantised.
  last_onset += Ticks(primer.ticks_per_quarter / 24);
  const score::BarGrid grid(primer);
  const auto& last = grid.bars().back();
  if (last_onset < last.end()) return grid.bars()[grid.index_at(last_onset)].end();
  return last.end() + last.time_signature.bar_length(primer.ticks_per_quarter);
}

}  // namespace continuo::generate
