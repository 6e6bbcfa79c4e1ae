#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/midi/chunks.h"
#include "continuo/midi/diagnostics.h"
#include "continuo/midi/event.h"
#include "continuo/score/score.h"

#include "channel_timeline.h"

namespace continuo::notation {

// Makes a Score of MIDI events, chunk by chunk, as midi_reader.h says. Memory and time grow with the number of
// events alone, whatever they are.
class ScoreBuilder {
 public:
  ScoreBuilder(const midi::Header& header, midi::Diagnostics& diagnostics);

  void begin_chunk(int number);
  // `offset` is where the event ends in the file, for diagnostics.
  void add(const midi::EventView& event, std::size_t offset);
  void end_chunk(std::int64_t end_time);
  // Errors: malformed, too_large. May be called once.
  Result<score::Score> finish();
  // The chunk that each of the score's tracks comes from. Requires: finish() has been called.
  const std::vector<int>& chunks_of_tracks() const { return chunks_of_tracks_; }

 private:
  static constexpr int kChannels = 16;
  static constexpr int kKeys = 128;
  static constexpr std::int32_t kNone = -1;

  // What one chunk plays on one channel.
  struct Part {
    int chunk = 0;
    int channel = 0;
    std::uint32_t first_order = 0;  // of the first event
    std::string name;
    std::vector<score::Note> notes;     // in the order of their beginnings
    std::vector<std::uint32_t> orders;  // of these beginnings in the chunk
  };
  // A track of the score, with what puts it into its place.
  struct PlacedTrack {
    int chunk = 0;
    int channel = 0;
    std::uint32_t first_order = 0;
    score::Track track;
  };
  // A channel within the chunk at hand.
  struct Channel {
    std::uint32_t first_order = 0;  // of its first event; 0 before it
    std::int32_t part = kNone;      // once there are notes
    ChannelTimeline* timeline = nullptr;
    // The last ticks in which it has had an event of a track, a note has begun, and one that had lasted has ended.
    std::int64_t last_event = -1, last_onset = -1, last_end = -1;
  };
  // A note without its end, in the queue of its channel and key.
  struct OpenNote {
    std::int32_t part;
    std::uint32_t note;
    std::int32_t next;
  };
  struct Queue {
    std::int32_t first = kNone;
    std::int32_t last = kNone;
    std::int64_t last_off = -1;  // of the key, since notes have been in the queue
  };

  // Of the present chunk, which uses it from this event on, if it has not before.
  Channel& used_channel(int channel) {
    Channel& state = channels_[static_cast<std::size_t>(channel)];
    if (state.first_order == 0) [[unlikely]]
      begin_to_use(channel);
    return state;
  }
  void begin_to_use(int channel);
  // Of an event of a track at this time. What is learned of its place after it is given to it then.
  static score::TickPlace next_place(Channel& channel, std::int64_t time) {
    channel.last_event = time;
    return channel.last_onset == time ? score::TickPlace::after_onsets : score::TickPlace::between;
  }
  void add_pressure(const midi::EventView& event, std::int16_t key, std::uint8_t value);
  void begin_part(Channel& channel, int number);
  void start_note(const midi::EventView& event);
  void end_note(const midi::EventView& event, std::size_t offset);
  score::Note& note_of(std::int32_t open) {
    const OpenNote& entry = open_notes_[static_cast<std::size_t>(open)];
    return parts_[static_cast<std::size_t>(entry.part)].notes[entry.note];
  }
  void end_open_notes(std::int64_t end_time);
  void end_queue(const Queue& queue, std::int64_t end_time);
  void add_meta(const midi::EventView& event, std::size_t offset);
  void add_text(const midi::EventView& event);
  bool add_tempo(const midi::EventView& event);
  bool add_time_signature(const midi::EventView& event);
  bool add_key_signature(const midi::EventView& event);
  void name_parts();
  static PlacedTrack track_of(const Part& part, std::uint8_t program);
  std::vector<PlacedTrack> split_by_program(Part& part) const;
  Status make_tracks();
  void give_controls(std::span<PlacedTrack> tracks);
  Status set_time_base();

  midi::Header header_;
  midi::Diagnostics& diagnostics_;
  score::Score score_;
  std::vector<Part> parts_;
  std::array<ChannelTimeline, kChannels> timelines_{};
  std::vector<int> chunks_of_tracks_;
  std::int64_t last_time_ = 0;  // of all events that went into the score; of those of channels once a chunk has ended

  // Of the chunk at hand.
  int chunk_ = 0;
  std::uint32_t order_ = 0;  // of the event at hand
  std::size_t chunk_first_part_ = 0;
  std::int64_t last_note_off_ = 0;
  std::string chunk_name_;
  std::string instrument_name_;
  std::array<Channel, kChannels> channels_{};
  std::vector<Queue> queues_;  // [channel * 128 + key]
  std::vector<OpenNote> open_notes_;
  std::size_t open_count_ = 0;
};

}  // namespace continuo::notation
