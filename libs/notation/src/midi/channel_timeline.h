#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "continuo/score/score.h"

#include "control_state.h"

namespace continuo::notation {

inline constexpr int kDrumChannel = 9;

// When an event happens. A player merges the chunks of a file: in one tick the events of the first chunk come first.
struct Moment {
  std::int64_t time = 0;
  std::int32_t chunk = 0;
  std::uint32_t order = 0;  // of the event in its chunk
  friend auto operator<=>(const Moment&, const Moment&) = default;
};

// An event and the chunk that sends it.
template <typename Event>
struct OfChunk {
  Event event;
  std::int32_t chunk = 0;
};

// The programs, controls, bends and pressures that the chunks of a file send on one MIDI channel. A channel is one
// instrument with one state, and a track of the score is a view of it: what sounds depends on the events, not on the
// chunk they are in.
class ChannelTimeline {
 public:
  void add_program(const Moment& at, std::uint8_t program) { programs_.push_back({at, program}); }
  // Requires, of this and the next five: the chunks one after the other. The place of an event is among the notes that
  // its own chunk plays on the channel.
  void add_control(std::int32_t chunk, const score::ControlChange& control) { controls_.push_back({control, chunk}); }
  // Also, for a bank or a reset of all controllers: their place among programs, bends and pressures.
  void add_place(const Moment& at, const score::ControlChange& control);
  void add_bend(std::int32_t chunk, const score::PitchBend& bend) { bends_.push_back({bend, chunk}); }
  void add_pressure(std::int32_t chunk, const score::Pressure& pressure) { pressures_.push_back({pressure, chunk}); }
  // Notes end after all that the chunk has sent in this tick, which is the last one: so it comes before them. Of what
  // came after notes have begun only pedals do: that they hold what ends matters more.
  void put_before_ends(std::int32_t chunk, score::Ticks tick);
  // A note begins after events that came after another one of the tick: they are between.
  void put_before_onset(std::int32_t chunk, score::Ticks tick);
  // Before the questions below: puts the chunks' events into one order, and banks to the program changes with which
  // they take effect.
  void merge();

  std::size_t events() const { return controls_.size() + bends_.size() + pressures_.size(); }
  // Whether all notes are sure to have the same program.
  bool has_one_program() const;
  // Walks along the programs of a channel. Requires: moments that do not fall.
  class Programs {
   public:
    explicit Programs(const ChannelTimeline& channel) : channel_(channel) {}
    // The one in force. Before the first it is program 0, but for notes of the same tick, which the first is meant for.
    std::uint8_t at(const Moment& moment);

   private:
    const ChannelTimeline& channel_;
    std::size_t passed_ = 0;
  };

  // All controls, bends and pressures, for the only track of the channel.
  void give_all(std::int32_t chunk, score::Track& track) const;
  // Those that one of several tracks needs to sound as its channel does: the state at its first note, placed there,
  // and each later change until its last note has faded. Requires: notes, sorted by onset; `chunk` is the track's.
  void give_view(std::int32_t chunk, score::Track& track) const;

 private:
  struct Program {
    Moment at;
    std::uint8_t program;
  };
  struct Bank {
    Moment at;
    std::uint8_t controller;
    std::uint8_t value;
  };
  void latch_banks();
  // Calls change(place) for each event that the chunk has sent in the last tick.
  void for_last(std::int32_t chunk, score::Ticks tick, const auto& change);

  std::vector<Program> programs_;
  std::vector<OfChunk<score::ControlChange>> controls_;
  std::vector<Bank> banks_;  // those of controls_, in the same order once merged
  std::vector<OfChunk<score::PitchBend>> bends_;
  std::vector<OfChunk<score::Pressure>> pressures_;
  bool has_resets_ = false;
};

}  // namespace continuo::notation
