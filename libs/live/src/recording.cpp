#include "continuo/live/recording.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <utility>

namespace continuo::live {
namespace {

constexpr std::int32_t kTicks = 960;  // a quarter

// Moments as ticks: straight lines between anchors.
class Ruler {
 public:
  // Requires: anchors, in order of time.
  explicit Ruler(std::vector<Anchor> anchors) : anchors_(std::move(anchors)) {}

  score::Ticks at(Time time) const {
    auto next = std::ranges::upper_bound(anchors_, time, {}, &Anchor::at);
    const Anchor& before = next == anchors_.begin() ? *next : *std::prev(next);
    const double position = before.position + double((time - before.at).count()) / double(before.quarter.count());
    return score::Ticks(std::max(0LL, std::llround(position * kTicks)));
  }
  std::vector<score::Tempo> tempos() const {
    std::vector<score::Tempo> tempos;
    for (const Anchor& anchor : anchors_) {
      const score::Ticks onset = tempos.empty() ? score::Ticks(0) : at(anchor.at);
      const double microseconds = double(anchor.quarter.count()) / 1000;
      tempos.push_back({onset, static_cast<std::int32_t>(std::clamp(microseconds, 1.0, 16'000'000.0))});
    }
    return tempos;
  }

 private:
  std::vector<Anchor> anchors_;
};

// Anchors that follow one another at the tempos between them: whole bars are added where more time has passed than
// their positions say, and the first is in the first bar.
std::vector<Anchor> connected(std::vector<Anchor> anchors, double bar) {
  anchors.front().position -= std::floor(anchors.front().position / bar) * bar;
  for (std::size_t i = 1; i < anchors.size(); ++i) {
    Anchor& last = anchors[i - 1];
    Anchor& next = anchors[i];
    const double passed = double((next.at - last.at).count()) / double(last.quarter.count());
    const double bars = std::round((last.position + passed - next.position) / bar);
    next.position += bars * bar;
    if (next.position <= last.position) next.position += bar;
    last.quarter = from_seconds(to_seconds(next.at - last.at) / (next.position - last.position));
  }
  return anchors;
}

bool is_pedal(const Message& message) {
  return message.kind() == midi::EventKind::control_change && message.bytes[1] >= 64 && message.bytes[1] <= 67;
}

score::Track track_of(const RecordedPart& part, const Ruler& ruler, score::Ticks end) {
  score::Track track;
  track.name = part.name;
  track.program = static_cast<std::uint8_t>(part.program);
  std::map<std::pair<int, int>, std::vector<std::size_t>> sounding;  // notes by channel and key
  for (const auto& [at, message] : part.messages) {
    const score::Ticks time = ruler.at(at);
    auto& open = sounding[{message.channel(), message.bytes[1]}];
    if (message.starts_note()) {
      open.push_back(track.notes.size());
      track.notes.push_back({time, end - time, message.bytes[1], message.bytes[2]});
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

score::Score recorded(std::span<const RecordedPart> parts, std::vector<Anchor> anchors,
                      const PhraseNotation& notation) {
  Time first = Time::max(), last{};
  for (const RecordedPart& part : parts) {
    for (const auto& [at, message] : part.messages) {
      if (message.starts_note()) first = std::min(first, at);
      last = std::max(last, at);
    }
  }
  const Time quarter = from_seconds(60 / notation.quarters_per_minute);
  if (anchors.empty() || first < anchors.front().at) anchors.insert(anchors.begin(), {first, 0, quarter});
  const Ruler ruler(connected(std::move(anchors), notation.bar()));
  score::Score score;
  score.ticks_per_quarter = kTicks;
  score.tempos = ruler.tempos();
  score.time_signatures = {{score::Ticks(0), notation.meter_numerator, notation.meter_denominator}};
  for (const RecordedPart& part : parts) score.tracks.push_back(track_of(part, ruler, ruler.at(last)));
  score.sort();
  return score;
}

}  // namespace continuo::live
