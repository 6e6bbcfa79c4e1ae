#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "continuo/score/score.h"

namespace continuo::notation {

inline constexpr int kPitchedChannels = 15;  // all but the drums'

// What a program change chooses: a program of a bank.
struct Instrument {
  static constexpr std::int16_t kUnnamed = -1;
  std::uint8_t program = 0;
  std::int16_t bank = kUnnamed, bank_fine = kUnnamed;  // controllers 0 and 32, where they are named
  friend bool operator==(const Instrument&, const Instrument&) = default;
};

// The channel of each track of a score, and where it has to set its instrument.
//
// Drums have the tenth channel. Up to fifteen other tracks have one each. More of them share: first those that sound
// the same when they do (two programs of one channel, each with its view of it), then those of one program, then any. A
// track whose program holds in all of its channel sets it at the beginning and after each change of its bank. Where
// programs, kits or banks meet in one channel, each note that follows one of another instrument has its own in front of
// it.
class ChannelPlan {
 public:
  // Requires: tracks that are sorted.
  explicit ChannelPlan(std::span<const score::Track> tracks);

  int channel_of(std::size_t track) const { return places_[track].channel; }
  bool has_lasting_program(std::size_t track) const { return places_[track].is_lasting; }
  // What is chosen before note `note` of the track, without banks that its channel has already; nullptr for nothing.
  const Instrument* chosen_before(std::size_t track, std::size_t note) const;

 private:
  struct Choice {
    std::size_t note;
    Instrument instrument;
  };
  struct Place {
    int channel = 0;
    bool is_lasting = true;
    std::vector<Choice> choices;  // by rising notes
  };
  // A note, or a selection of a bank.
  struct Use {
    score::Ticks onset;
    std::size_t track;
    bool is_note;
    score::TickPlace place;  // of a selection
    std::size_t index;       // of the note; else the controller
    Instrument instrument;   // of the track, with it
  };
  std::vector<Use> uses_of(std::size_t track) const;
  void give_channels(std::span<const std::size_t> pitched);
  std::vector<std::vector<std::size_t>> alike(std::span<const std::size_t> pitched) const;
  bool share_without_loss(std::span<const std::size_t> group, std::size_t other) const;
  void plan_programs(std::span<const std::size_t> sharing);

  std::span<const score::Track> tracks_;
  std::vector<Place> places_;
};

}  // namespace continuo::notation
