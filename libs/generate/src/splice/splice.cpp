#include "splice.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>
#include <vector>

// How new notes get into a primer.
//
// The model sees the primer only quantised: on the tokenisation's grid, at its resolution, perhaps with another tempo
// or other instruments. The decoded tokens (primer and new music) are therefore never the result. The result is the
// primer as it was passed, and only what is new is taken from the decoded score. One moment is known in both scores,
// the splice point, and everything new is measured from there:
//
//   primer tick = splice.primer + (decoded tick - splice.decoded), converted between the resolutions,
//
// in musical time, or by both tempo maps where the tokenisation counts clock time. Hence three properties, whatever the
// model draws: nothing of the primer changes; no new note begins before the splice point; the rounding of the primer
// does not shift the new music.

namespace continuo::generate {
namespace {

using score::Note;
using score::Score;
using score::Ticks;
using score::Track;

bool same_instrument(const Track& a, const Track& b) {
  return a.is_drum == b.is_drum && (a.is_drum || a.program == b.program);
}

Track* find_instrument(Score& score, const Track& wanted) {
  Track* found = nullptr;
  for (Track& track : score.tracks)
    if (same_instrument(track, wanted) && (!found || (found->notes.empty() && !track.notes.empty()))) found = &track;
  return found;
}

Track* track_with_most_notes(Score& score, bool drums) {
  Track* found = nullptr;
  for (Track& track : score.tracks)
    if (track.is_drum == drums && !track.notes.empty() && (!found || track.notes.size() > found->notes.size()))
      found = &track;
  return found;
}

bool has_instrument(const Score& score, const Track& wanted) {
  return std::any_of(score.tracks.begin(), score.tracks.end(),
                     [&](const Track& track) { return !track.notes.empty() && same_instrument(track, wanted); });
}

// Index of the primer's track to which the notes of `part` are added; a new one where none is suitable.
std::size_t target_track(Score& primer, const Score& quantised, const Track& part) {
  Track* track = find_instrument(primer, part);
  if (!track && has_instrument(quantised, part)) {
    track = track_with_most_notes(primer, part.is_drum);
    if (!track) track = track_with_most_notes(primer, !part.is_drum);
  }
  if (track) return std::size_t(track - primer.tracks.data());
  Track fresh;
  fresh.name = part.name;
  fresh.program = part.program;
  fresh.is_drum = part.is_drum;
  primer.tracks.push_back(fresh);
  return primer.tracks.size() - 1;
}

// The places in `score` of the tracks that `part` could continue.
std::vector<std::size_t> tracks_for(const Score& score, const Track& part, bool by_instrument, bool with_notes) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < score.tracks.size(); ++i) {
    const Track& track = score.tracks[i];
    const bool fits = by_instrument ? same_instrument(track, part) : track.is_drum == part.is_drum;
    if (fits && !(with_notes && track.notes.empty())) places.push_back(i);
  }
  return places;
}

// The primer's track for the decoded track at `place`, where both have as many tracks that could be it. Nothing for an
// instrument that is new.
std::optional<std::size_t> own_track(Score& primer, const NewMusic& music, std::size_t place) {
  const Score& decoded = music.decoded;
  const Track& part = decoded.tracks[place];
  const bool by_instrument = find_instrument(primer, part) != nullptr;
  if (!by_instrument && !has_instrument(music.quantised_primer, part)) return std::nullopt;
  const auto parts = tracks_for(decoded, part, by_instrument, false);
  const auto index = std::size_t(std::find(parts.begin(), parts.end(), place) - parts.begin());
  for (const bool with_notes : {true, false}) {
    const auto tracks = tracks_for(primer, part, by_instrument, with_notes);
    if (tracks.size() == parts.size()) return tracks[index];
  }
  return std::nullopt;
}

// The track's notes that are sounding at `time`. No new note may strike their keys again: in a MIDI file that would end
// them early.
std::vector<score::Note> sounding_at(const Track& track, Ticks time) {
  std::vector<score::Note> notes;
  std::copy_if(track.notes.begin(), track.notes.end(), std::back_inserter(notes),
               [&](const score::Note& note) { return note.onset < time && note.end() > time; });
  return notes;
}

bool is_struck_again(const score::Note& note, const std::vector<score::Note>& sounding) {
  return std::any_of(sounding.begin(), sounding.end(),
                     [&](const score::Note& other) { return other.pitch == note.pitch && other.end() > note.onset; });
}

// Adds the values of the new music that differ from the one in force before, at the primer's ticks.
template <typename Change, typename Same>
void add_changes(std::vector<Change>& to, const std::vector<Change>& from, const NewMusic& music,
                 const TickMapping& mapping, Change current, Same same) {
  for (Change change : from) {
    if (music.end && change.onset >= *music.end) break;
    const bool is_new = change.onset >= music.begin && !same(change, current);
    current = change;
    if (!is_new) continue;
    change.onset = mapping(change.onset);
    to.push_back(change);
  }
}

}  // namespace

Ticks TickMapping::operator()(Ticks decoded) const {
  switch (domain_) {
    case tokens::TimeDomain::kClock: {
      const auto offset = decoded_.to_seconds(decoded) - decoded_.to_seconds(splice_.decoded);
      return primer_.to_ticks(primer_.to_seconds(splice_.primer) + offset);
    }
    case tokens::TimeDomain::kMusical:
      break;
  }
  const double scale = double(primer_.ticks_per_quarter()) / decoded_.ticks_per_quarter();
  return splice_.primer + Ticks(std::llround(double((decoded - splice_.decoded).value) * scale));
}

void cut(Score& score, Ticks end) {
  for (Track& track : score.tracks) {
    std::erase_if(track.notes, [&](const score::Note& note) { return note.onset >= end; });
    for (auto& note : track.notes) note.duration = std::min(note.duration, end - note.onset);
  }
}

void split_notes(Score& score, Ticks at) {
  for (Track& track : score.tracks) {
    std::vector<score::Note> later;
    for (score::Note& note : track.notes) {
      if (note.onset >= at || note.end() <= at) continue;
      later.push_back(note);
      later.back().onset = at;
      later.back().duration = note.end() - at;
      note.duration = at - note.onset;
    }
    track.notes.insert(track.notes.end(), later.begin(), later.end());
  }
  score.sort();
}

void end_at_next_strike(std::vector<Note>& notes, const std::vector<Note>& kept) {
  std::array<Ticks, 128> next;
  next.fill(Ticks(std::numeric_limits<std::int64_t>::max()));
  for (auto note = notes.rbegin(); note != notes.rend(); ++note) {
    Ticks& strike = next[note->pitch];
    const bool is_kept = std::ranges::binary_search(kept, *note);
    if (!is_kept && note->end() > strike && strike > note->onset) note->duration = strike - note->onset;
    strike = note->onset;
  }
}

void remove_notes(Score& score, Ticks begin, Ticks end) {
  for (Track& track : score.tracks)
    std::erase_if(track.notes, [&](const score::Note& note) { return note.onset >= begin && note.onset < end; });
}

void add_notes(Score& primer, const NewMusic& music, const TickMapping& mapping, std::optional<Ticks> primer_end) {
  Score fresh = music.decoded;
  if (music.end) cut(fresh, *music.end);
  std::vector<std::optional<std::size_t>> own;
  for (std::size_t i = 0; i < fresh.tracks.size(); ++i) own.push_back(own_track(primer, music, i));
  for (std::size_t i = 0; i < fresh.tracks.size(); ++i) {
    const Track& part = fresh.tracks[i];
    std::vector<score::Note> notes;
    for (score::Note note : part.notes) {
      if (note.onset < music.begin) continue;
      const Ticks onset = mapping(note.onset);
      Ticks end = std::max(mapping(note.end()), onset + Ticks(1));
      if (primer_end) end = std::min(end, *primer_end);
      if (end <= onset) continue;
      note.onset = onset;
      note.duration = end - onset;
      notes.push_back(note);
    }
    if (notes.empty()) continue;
    auto& track = primer.tracks[own[i] ? *own[i] : target_track(primer, music.quantised_primer, part)];
    const auto sounding = sounding_at(track, mapping(music.begin));
    std::erase_if(notes, [&](const score::Note& note) { return is_struck_again(note, sounding); });
    track.notes.insert(track.notes.end(), notes.begin(), notes.end());
  }
}

void add_timing(Score& primer, const NewMusic& music, const TickMapping& mapping) {
  add_changes(primer.tempos, music.decoded.tempos, music, mapping, score::Tempo{},
              [](const auto& a, const auto& b) { return a.microseconds_per_quarter == b.microseconds_per_quarter; });
  add_changes(
      primer.time_signatures, music.decoded.time_signatures, music, mapping, score::TimeSignature{},
      [](const auto& a, const auto& b) { return a.numerator == b.numerator && a.denominator == b.denominator; });
}

}  // namespace continuo::generate
