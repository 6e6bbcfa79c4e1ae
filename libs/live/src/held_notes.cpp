#include "continuo/live/held_notes.h"

#include <algorithm>

namespace continuo::live {
namespace {

constexpr int kSustain = 64, kSostenuto = 66, kCentre = 8192;
constexpr int kAllSoundOff = 120, kAllNotesOff = 123, kPolyMode = 127;

}  // namespace

void HeldNotes::watch(const Message& message) {
  Channel& channel = channels_[message.channel()];
  const std::size_t number = message.bytes[1] & 127;
  if (message.starts_note()) {
    ++channel.sounding[number];
  } else if (message.ends_note()) {
    if (channel.sounding[number] > 0) --channel.sounding[number];
  } else if (message.kind() == midi::EventKind::control_change) {
    if (number == kSustain || number == kSostenuto) channel.pedals[number] = message.bytes[2] >= 64;
    if (number == kAllSoundOff || (number >= kAllNotesOff && number <= kPolyMode)) channel.sounding.fill(0);
  } else if (message.kind() == midi::EventKind::pitch_bend) {
    channel.is_bent = message != Message::bend(message.channel(), kCentre);
  }
}

bool HeldNotes::empty() const {
  return std::ranges::all_of(channels_, [](const Channel& channel) {
    return channel.pedals.none() && !channel.is_bent &&
           std::ranges::all_of(channel.sounding, [](std::uint16_t notes) { return notes == 0; });
  });
}

std::vector<Message> HeldNotes::release() const {
  std::vector<Message> messages;
  for (int c = 0; c < 16; ++c) {
    const Channel& channel = channels_[static_cast<std::size_t>(c)];
    for (int pedal : {kSustain, kSostenuto})
      if (channel.pedals[static_cast<std::size_t>(pedal)]) messages.push_back(Message::control(c, pedal, 0));
    for (int key = 0; key < 128; ++key)
      for (int i = 0; i < channel.sounding[static_cast<std::size_t>(key)]; ++i)
        messages.push_back(Message::note_off(c, key));
    if (channel.is_bent) messages.push_back(Message::bend(c, kCentre));
  }
  return messages;
}

}  // namespace continuo::live
