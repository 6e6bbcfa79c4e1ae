#include "channel_plan.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <tuple>

#include "channel_timeline.h"

namespace continuo::notation {
namespace {

// Trying what can share costs tracks times groups of them times events. Beyond this, tracks share by program at once.
constexpr std::size_t kMostTriedTracks = 128, kMostTriedEvents = std::size_t{1} << 22;

int channel_at(std::size_t index) {
  const int channel = static_cast<int>(index % kPitchedChannels);
  return channel < kDrumChannel ? channel : channel + 1;
}

std::size_t event_count(std::span<const score::Track> tracks) {
  std::size_t events = 0;
  for (const score::Track& track : tracks) events += track.controls.size() + track.pitch_bends.size();
  return events;
}

void add_events(const score::Track& track, ChannelTimeline& timeline) {
  for (const score::ControlChange& control : track.controls) timeline.add_control(control);
  for (const score::PitchBend& bend : track.pitch_bends) timeline.add_bend(bend);
}

// Whether a key would be struck by one while it sounds for the other.
bool collide(const score::Track& a, const score::Track& b) {
  std::array<std::vector<score::Note>, 128> keys;
  for (const score::Track* track : {&a, &b}) {
    for (const score::Note& note : track->notes) keys[note.pitch].push_back(note);
  }
  return std::ranges::any_of(keys, [](std::vector<score::Note>& notes) {
    std::ranges::sort(notes);
    const auto overlap = [](const score::Note& x, const score::Note& y) { return y.onset < x.end(); };
    return std::ranges::adjacent_find(notes, overlap) != notes.end();
  });
}

bool is_what_it_hears(const score::Track& track, const ChannelTimeline& timeline) {
  score::Track heard;
  heard.notes = track.notes;
  timeline.give_view(heard);
  return heard.controls == track.controls && heard.pitch_bends == track.pitch_bends;
}

}  // namespace

ChannelPlan::ChannelPlan(std::span<const score::Track> tracks) : tracks_(tracks), places_(tracks.size()) {
  std::vector<std::size_t> drums, pitched;
  for (std::size_t i = 0; i < tracks.size(); ++i) (tracks[i].is_drum ? drums : pitched).push_back(i);
  for (const std::size_t i : drums) places_[i].channel = kDrumChannel;
  give_channels(pitched);
  std::map<int, std::vector<std::size_t>> sharing;
  for (std::size_t i = 0; i < tracks.size(); ++i) sharing[places_[i].channel].push_back(i);
  for (const auto& [channel, members] : sharing) plan_programs(members);
}

void ChannelPlan::give_channels(std::span<const std::size_t> pitched) {
  std::vector<std::vector<std::size_t>> groups;
  const bool can_try = pitched.size() <= kMostTriedTracks && event_count(tracks_) * pitched.size() <= kMostTriedEvents;
  if (pitched.size() > kPitchedChannels && can_try) {
    groups = alike(pitched);
  } else {
    for (const std::size_t track : pitched) groups.push_back({track});
  }
  const bool by_program = groups.size() > kPitchedChannels;
  std::map<std::uint8_t, int> channel_of_program;
  std::size_t given = 0;
  for (const std::vector<std::size_t>& group : groups) {
    const std::uint8_t program = tracks_[group.front()].program;
    const auto known = channel_of_program.find(program);
    const bool joins = by_program && known != channel_of_program.end();
    const int channel = joins ? known->second : channel_at(given++);
    channel_of_program[program] = channel;
    for (const std::size_t track : group) places_[track].channel = channel;
  }
}

// Groups of tracks that share a channel without loss, as few as it takes for each group to have a channel: a track
// joins the first group that it can while there are fewer free channels than tracks to come.
std::vector<std::vector<std::size_t>> ChannelPlan::alike(std::span<const std::size_t> pitched) const {
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < pitched.size(); ++i) {
    const bool must_join = groups.size() + (pitched.size() - i) > kPitchedChannels;
    const auto group =
        must_join ? std::ranges::find_if(groups, [&](const auto& g) { return share_without_loss(g, pitched[i]); })
                  : groups.end();
    if (group == groups.end()) {
      groups.push_back({pitched[i]});
    } else {
      group->push_back(pitched[i]);
    }
  }
  return groups;
}

bool ChannelPlan::share_without_loss(std::span<const std::size_t> group, std::size_t other) const {
  if (std::ranges::any_of(group, [&](std::size_t track) { return collide(tracks_[track], tracks_[other]); })) {
    return false;
  }
  ChannelTimeline timeline;
  for (const std::size_t track : group) add_events(tracks_[track], timeline);
  add_events(tracks_[other], timeline);
  timeline.merge();
  const auto hears = [&](std::size_t track) {
    return !tracks_[track].notes.empty() && is_what_it_hears(tracks_[track], timeline);
  };
  return hears(other) && std::ranges::all_of(group, hears);
}

bool ChannelPlan::sets_program_before(std::size_t track, std::size_t note) const {
  return std::ranges::binary_search(places_[track].notes_after_programs, note);
}

// Plays a channel's notes as a program does that merges the chunks, and remembers where the program before was another.
void ChannelPlan::plan_programs(std::span<const std::size_t> sharing) {
  const auto program_of = [&](std::size_t track) { return tracks_[track].program; };
  if (std::ranges::adjacent_find(sharing, std::not_equal_to{}, program_of) == sharing.end()) return;
  struct Strike {
    score::Ticks onset;
    std::size_t track, note;
  };
  std::vector<Strike> strikes;
  for (const std::size_t track : sharing) {
    places_[track].is_lasting = false;
    for (std::size_t note = 0; note < tracks_[track].notes.size(); ++note) {
      strikes.push_back({tracks_[track].notes[note].onset, track, note});
    }
  }
  std::ranges::sort(strikes, {}, [](const Strike& s) { return std::tuple(s.onset, s.track, s.note); });
  std::optional<std::uint8_t> program;
  for (const Strike& strike : strikes) {
    if (program != program_of(strike.track)) places_[strike.track].notes_after_programs.push_back(strike.note);
    program = program_of(strike.track);
  }
}

}  // namespace continuo::notation
