#include "channel_plan.h"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
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
  for (const score::Track& track : tracks) {
    events += track.controls.size() + track.pitch_bends.size() + track.pressures.size();
  }
  return events;
}

void add_events(const score::Track& track, ChannelTimeline& timeline) {
  for (const score::ControlChange& control : track.controls) {
    const std::int64_t time = control.onset.value;
    timeline.add_control(control);
    if (has_place(control.controller)) timeline.add_place({time, 0, 0}, control);
    if (is_bank(control.controller)) timeline.add_program({time, 0, 1}, track.program);  // as it is written
  }
  for (const score::PitchBend& bend : track.pitch_bends) timeline.add_bend(bend);
  for (const score::Pressure& pressure : track.pressures) timeline.add_pressure(pressure);
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
  return heard.controls == track.controls && heard.pitch_bends == track.pitch_bends &&
         heard.pressures == track.pressures;
}

bool selects_bank(const score::ControlChange& control) { return is_bank(control.controller); }

auto& bank_of(auto& instrument, int controller) { return controller == kBank ? instrument.bank : instrument.bank_fine; }

// What is sent so that the bank is `wanted` after `sent`; kUnnamed for nothing.
std::int16_t bank_change(std::int16_t sent, std::int16_t wanted) {
  const std::int16_t value = std::max<std::int16_t>(wanted, 0);
  return value == std::max<std::int16_t>(sent, 0) ? Instrument::kUnnamed : value;
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

const Instrument* ChannelPlan::chosen_before(std::size_t track, std::size_t note) const {
  const std::vector<Choice>& choices = places_[track].choices;
  const auto found = std::ranges::lower_bound(choices, note, {}, &Choice::note);
  return found != choices.end() && found->note == note ? &found->instrument : nullptr;
}

std::vector<ChannelPlan::Use> ChannelPlan::uses_of(std::size_t index) const {
  const score::Track& track = tracks_[index];
  std::vector<Use> uses;
  Instrument instrument{.program = track.program};
  auto next = track.controls.begin();
  const auto select_banks = [&](score::Ticks until) {
    for (; next != track.controls.end() && next->onset <= until; ++next) {
      if (!selects_bank(*next)) continue;
      bank_of(instrument, next->controller) = next->value;
      uses.push_back({next->onset, index, false, next->controller, instrument});
    }
  };
  for (std::size_t note = 0; note < track.notes.size(); ++note) {
    select_banks(track.notes[note].onset);
    uses.push_back({track.notes[note].onset, index, true, note, instrument});
  }
  if (!track.controls.empty()) select_banks(track.controls.back().onset);
  return uses;
}

// Plays a channel's notes as a program does that merges the chunks, and remembers where the instrument before was
// another. A track sends its selections of a bank where it has them, each with its program.
void ChannelPlan::plan_programs(std::span<const std::size_t> sharing) {
  const auto program_of = [&](std::size_t track) { return tracks_[track].program; };
  const auto has_banks = [&](std::size_t track) { return std::ranges::any_of(tracks_[track].controls, selects_bank); };
  const bool has_one_program = std::ranges::adjacent_find(sharing, std::not_equal_to{}, program_of) == sharing.end();
  if (sharing.size() == 1 || (has_one_program && std::ranges::none_of(sharing, has_banks))) return;
  std::vector<Use> uses;
  for (const std::size_t track : sharing) {
    places_[track].is_lasting = false;
    std::ranges::copy(uses_of(track), std::back_inserter(uses));
  }
  std::ranges::stable_sort(uses, {}, [](const Use& use) { return std::tuple(use.onset, use.track, use.is_note); });
  std::optional<Instrument> sent;
  for (const Use& use : uses) {
    const Instrument before = sent.value_or(Instrument{});
    Instrument change{.program = use.instrument.program};
    if (!use.is_note) {
      sent = {.program = change.program, .bank = before.bank, .bank_fine = before.bank_fine};
      bank_of(*sent, static_cast<int>(use.index)) = bank_of(use.instrument, static_cast<int>(use.index));
      continue;
    }
    change.bank = bank_change(before.bank, use.instrument.bank);
    change.bank_fine = bank_change(before.bank_fine, use.instrument.bank_fine);
    const bool is_same = sent && change == Instrument{.program = before.program};
    if (!is_same) places_[use.track].choices.push_back({use.index, change});
    sent = use.instrument;
  }
}

}  // namespace continuo::notation
