#include "continuo/live/recording.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <utility>

namespace continuo::live {
namespace {

constexpr std::int32_t kTicks = 960;  // a quarter: half a millisecond at 120 quarters a minute

// Moments as ticks from the first note on.
struct Ruler {
  Time begin, end;  // of the recording
  double ticks_per_second;

  score::Ticks at(Time time) const {
    return score::Ticks(std::max(0LL, std::llround(to_seconds(time - begin) * ticks_per_second)));
  }
};

bool is_pedal(const Message& message) {
  return message.kind() == 0xB0 && message.bytes[1] >= 64 && message.bytes[1] <= 67;
}

score::Track track_of(const RecordedPart& part, const Ruler& ruler) {
  score::Track track;
  track.name = part.name;
  track.program = static_cast<std::uint8_t>(part.program);
  std::map<std::pair<int, int>, std::vector<std::size_t>> sounding;  // notes by channel and key
  for (const auto& [at, message] : part.messages) {
    const score::Ticks time = ruler.at(at);
    auto& open = sounding[{message.channel(), message.bytes[1]}];
    if (message.starts_note()) {
      open.push_back(track.notes.size());
      track.notes.push_back({time, ruler.at(ruler.end) - time, message.bytes[1], message.bytes[2]});
    } else if (message.ends_note() && !open.empty()) {
      score::Note& note = track.notes[open.front()];
      note.duration = std::max(time - note.onset, score::Ticks(1));
      open.erase(open.begin());
    } else if (is_pedal(message)) {
      track.controls.push_back({time, message.bytes[1], message.bytes[2]});
    }
  }
  return track;
}

}  // namespace

score::Score recorded(std::span<const RecordedPart> parts, const PhraseNotation& notation) {
  Ruler ruler{Time::max(), Time{}, kTicks * notation.quarters_per_minute / 60};
  for (const RecordedPart& part : parts) {
    for (const auto& [at, message] : part.messages) {
      if (message.starts_note()) ruler.begin = std::min(ruler.begin, at);
      ruler.end = std::max(ruler.end, at);
    }
  }
  score::Score score;
  score.ticks_per_quarter = kTicks;
  score.tempos = {{score::Ticks(0), static_cast<std::int32_t>(std::lround(6e7 / notation.quarters_per_minute))}};
  score.time_signatures = {{score::Ticks(0), notation.meter_numerator, notation.meter_denominator}};
  for (const RecordedPart& part : parts) score.tracks.push_back(track_of(part, ruler));
  score.sort();
  return score;
}

}  // namespace continuo::live
