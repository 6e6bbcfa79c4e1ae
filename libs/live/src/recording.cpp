#include "continuo/live/recording.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

namespace continuo::live {
namespace {

constexpr std::int32_t kTicks = 480;  // half a second

score::Ticks ticks(Time time) { return score::Ticks(std::llround(to_seconds(time) * 2 * kTicks)); }

bool is_pedal(const Message& message) {
  return message.kind() == 0xB0 && message.bytes[1] >= 64 && message.bytes[1] <= 67;
}

score::Track track_of(const RecordedPart& part, Time begin, Time end) {
  score::Track track;
  track.name = part.name;
  track.program = static_cast<std::uint8_t>(part.program);
  std::map<std::pair<int, int>, std::vector<std::size_t>> sounding;  // notes by channel and key
  for (const auto& [at, message] : part.messages) {
    const score::Ticks time = ticks(at - begin);
    auto& open = sounding[{message.channel(), message.bytes[1]}];
    if (message.starts_note()) {
      open.push_back(track.notes.size());
      track.notes.push_back({time, ticks(end - begin) - time, message.bytes[1], message.bytes[2]});
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

score::Score recorded(std::span<const RecordedPart> parts) {
  std::optional<Time> begin, end;
  for (const RecordedPart& part : parts) {
    if (part.messages.empty()) continue;
    begin = std::min(begin.value_or(part.messages.front().at), part.messages.front().at);
    end = std::max(end.value_or(part.messages.back().at), part.messages.back().at);
  }
  score::Score score;
  score.ticks_per_quarter = kTicks;
  score.tempos = {{score::Ticks(0), 500000}};
  for (const RecordedPart& part : parts)
    score.tracks.push_back(track_of(part, begin.value_or(Time{}), end.value_or(Time{})));
  score.sort();
  return score;
}

}  // namespace continuo::live
