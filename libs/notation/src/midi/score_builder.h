#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/midi/chunks.h"
#include "continuo/midi/diagnostics.h"
#include "continuo/midi/event.h"
#include "continuo/score/score.h"

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

  // A track in the making.
  struct Part {
    int chunk = 0;
    int channel = 0;
    bool has_own_program = false;  // from a program change in its chunk
    score::Track track;
  };
  struct Channel {
    std::uint8_t program = 0;
    bool has_program = false;
    std::int32_t part = kNone;  // the one in force, once something has happened in it
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
  };
  // The first program change of a channel, in whatever chunk.
  struct FirstProgram {
    std::int64_t time = -1;  // none
    std::uint8_t program = 0;
  };

  std::int32_t part_of(int channel);
  score::Track& track_of(int channel) { return parts_[static_cast<std::size_t>(part_of(channel))].track; }
  void start_note(const midi::EventView& event);
  void end_note(const midi::EventView& event, std::size_t offset);
  void end_open_notes(std::int64_t end_time);
  void change_program(const midi::EventView& event);
  void add_meta(const midi::EventView& event, std::size_t offset);
  void add_text(const midi::EventView& event);
  bool add_tempo(const midi::EventView& event);
  bool add_time_signature(const midi::EventView& event);
  bool add_key_signature(const midi::EventView& event);
  void name_parts();
  void merge_silent_parts(std::size_t first_part);
  void adopt_programs();
  Status set_time_base();

  midi::Header header_;
  midi::Diagnostics& diagnostics_;
  score::Score score_;
  std::vector<Part> parts_;
  std::vector<int> chunks_of_tracks_;
  std::array<FirstProgram, kChannels> first_programs_{};
  bool has_too_many_parts_ = false;
  std::int64_t last_time_ = 0;  // of all events that went into the score

  // Of the chunk at hand.
  int chunk_ = 0;
  std::size_t chunk_first_part_ = 0;
  std::string chunk_name_;
  std::string instrument_name_;
  std::array<Channel, kChannels> channels_{};
  std::vector<std::int32_t> part_by_program_;  // [channel * 128 + program]
  std::vector<Queue> queues_;                  // [channel * 128 + key]
  std::vector<OpenNote> open_notes_;
  std::size_t open_count_ = 0;
};

}  // namespace continuo::notation
