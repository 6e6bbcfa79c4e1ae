#include "continuo/live/schedule.h"

#include <algorithm>
#include <map>
#include <utility>

#include "continuo/notation/midi_writer.h"

namespace continuo::live {
namespace {

Message message_of(const midi::Event& event) {
  return {{event.status, event.data1, event.data2}, static_cast<std::uint8_t>(1 + midi::data_bytes(event.status))};
}

// What of a channel a message sets: later ones of the same replace it.
std::pair<int, int> setting_of(const Message& message) {
  const bool has_number =
      message.kind() == midi::EventKind::control_change || message.kind() == midi::EventKind::poly_pressure;
  return {message.bytes[0], has_number ? message.bytes[1] : 0};
}

bool is_note(const Message& message) { return message.starts_note() || message.ends_note(); }

}  // namespace

Result<std::vector<TimedMessage>> schedule(const score::Score& score) {
  CONTINUO_ASSIGN(const midi::File file, notation::midi_from_score(score));
  std::vector<midi::Event> events;
  for (const midi::TrackChunk& track : file.tracks)
    std::copy_if(track.events.begin(), track.events.end(), std::back_inserter(events),
                 [](const midi::Event& event) { return event.is_channel_message(); });
  std::stable_sort(events.begin(), events.end(),
                   [](const midi::Event& a, const midi::Event& b) { return a.time < b.time; });
  const score::TempoMap map = score.tempo_map();
  std::vector<TimedMessage> messages;
  messages.reserve(events.size());
  for (const midi::Event& event : events)
    messages.push_back({from_seconds(map.to_seconds(score::Ticks(event.time)).value), message_of(event)});
  return messages;
}

std::vector<TimedMessage> from(const std::vector<TimedMessage>& schedule, Time start) {
  std::vector<TimedMessage> later;
  std::map<std::pair<int, int>, Message> settings;
  std::map<std::pair<int, int>, int> skipped;  // notes by channel and key that began before
  for (const TimedMessage& timed : schedule) {
    const Message& message = timed.message;
    const std::pair<int, int> key{message.channel(), message.bytes[1]};
    if (timed.at < start) {
      if (message.starts_note()) ++skipped[key];
      if (message.ends_note()) --skipped[key];
      if (!is_note(message)) settings[setting_of(message)] = message;
    } else if (message.ends_note() && skipped[key] > 0) {
      --skipped[key];
    } else {
      later.push_back({timed.at - start, message});
    }
  }
  std::vector<TimedMessage> result;
  for (const auto& [setting, message] : settings) result.push_back({Time{}, message});
  result.insert(result.end(), later.begin(), later.end());
  return result;
}

}  // namespace continuo::live
