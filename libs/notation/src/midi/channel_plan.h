#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "continuo/score/score.h"

namespace continuo::notation {

inline constexpr int kPitchedChannels = 15;  // all but the drums'

// The channel of each track of a score, and where it has to set its program.
//
// Drums have the tenth channel. Up to fifteen other tracks have one each. More of them share: first those that sound
// the same when they do (two programs of one channel, each with its view of it), then those of one program, then any. A
// track whose program holds in all of its channel sets it once, at the beginning. Where programs or kits meet in one
// channel, each note that follows one of another program has its own in front of it.
class ChannelPlan {
 public:
  // Requires: tracks that are sorted.
  explicit ChannelPlan(std::span<const score::Track> tracks);

  int channel_of(std::size_t track) const { return places_[track].channel; }
  bool has_lasting_program(std::size_t track) const { return places_[track].is_lasting; }
  // Whether a program change comes before note `note` of the track.
  bool sets_program_before(std::size_t track, std::size_t note) const;

 private:
  struct Place {
    int channel = 0;
    bool is_lasting = true;
    std::vector<std::size_t> notes_after_programs;  // indices, rising
  };
  void give_channels(std::span<const std::size_t> pitched);
  std::vector<std::vector<std::size_t>> alike(std::span<const std::size_t> pitched) const;
  bool share_without_loss(std::span<const std::size_t> group, std::size_t other) const;
  void plan_programs(std::span<const std::size_t> sharing);

  std::span<const score::Track> tracks_;
  std::vector<Place> places_;
};

}  // namespace continuo::notation
