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
  // The next of the chunks that send something on this channel, or play notes. Before all that it adds but programs.
  void add_chunk(std::int32_t chunk);
  void add_program(const Moment& at, std::uint8_t program) { programs_.push_back({at, program}); }
  // Of the last chunk, as the next five. Requires: onsets that do not fall. The place of an event is among the notes
  // that the chunk plays on the channel.
  void add_control(const score::ControlChange& control) { controls_.sent.push_back(control); }
  // Also, for a bank or a reset of all controllers: their place among programs, bends and pressures.
  void add_place(const Moment& at, const score::ControlChange& control);
  void add_bend(const score::PitchBend& bend) { bends_.sent.push_back(bend); }
  void add_pressure(const score::Pressure& pressure) { pressures_.sent.push_back(pressure); }
  // Notes end after all that the chunk has sent in this tick, which is the last one: so it comes before them. Of what
  // came after notes have begun only pedals do: that they hold what ends matters more.
  void put_before_ends(score::Ticks tick);
  // A note begins after events that came after another one of the tick: they are between.
  void put_before_onset(score::Ticks tick);
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

  // All controls, bends and pressures, for the only track of the channel. May be called once.
  void give_all(std::int32_t chunk, score::Track& track);
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
  // Events of one kind: first as the chunks send them, chunk after chunk, and once merged in one order. Those of a
  // channel that is one track stay as they are sent, since there are many of them (a pianist's pedal).
  template <typename Event>
  struct Events {
    std::vector<Event> sent;
    std::vector<std::size_t> begins;  // of each chunk
    std::vector<OfChunk<Event>> merged;
    std::size_t size() const { return sent.size() + merged.size(); }
  };
  template <typename Event>
  void merge(Events<Event>& events) const;
  bool is_one_track() const { return chunks_.size() == 1 && banks_.empty() && has_one_program(); }
  void latch_banks();
  // Calls change(event) for each event that the last chunk has sent in the last tick.
  void for_last(score::Ticks tick, const auto& change);

  std::vector<Program> programs_;
  std::vector<std::int32_t> chunks_;
  Events<score::ControlChange> controls_;
  std::vector<Bank> banks_;  // those of controls_, in the same order once merged
  Events<score::PitchBend> bends_;
  Events<score::Pressure> pressures_;
  bool has_resets_ = false;
};

}  // namespace continuo::notation
