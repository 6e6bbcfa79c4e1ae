#include "beat_piece.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "../core/sustain.h"

namespace continuo::tokens {
namespace {

constexpr std::int32_t kTicksPerQuarter = 480;
// The order in which equal strikes are looked at by MidiTok: the first stays.
auto shortest_first(const GridNote& note) {
  return std::tuple(note.onset, note.voice, note.pitch, note.duration, note.velocity);
}

void keep_shortest(std::vector<GridNote>& notes) {
  const auto before = [](const GridNote& a, const GridNote& b) { return shortest_first(a) < shortest_first(b); };
  if (!std::is_sorted(notes.begin(), notes.end(), before)) std::sort(notes.begin(), notes.end(), before);
  const auto same_strike = [](const GridNote& a, const GridNote& b) {
    return a.onset == b.onset && a.voice == b.voice && a.pitch == b.pitch;
  };
  notes.erase(std::unique(notes.begin(), notes.end(), same_strike), notes.end());
}

// Calls `visit(note, meter)` for each note with the meter in force.
template <typename Visit>
void with_meters(BeatPiece& piece, const BeatWords& words, const Visit& visit) {
  int meter = words.default_meter();
  auto mark = piece.marks.begin();
  for (GridNote& note : piece.notes) {
    for (; mark != piece.marks.end() && mark->time <= note.onset; ++mark)
      if (mark->kind == WordKind::kTimeSignature) meter = mark->value;
    visit(note, words.meter(meter));
  }
}

enum class VoiceSort { kNone, kDrumsFirst, kDrumsLast };

void drop_empty_voices(BeatPiece& piece, VoiceSort sort) {
  std::vector<bool> used(piece.voices.size());
  for (const GridNote& note : piece.notes) used[note.voice] = true;
  for (const BeatMark& mark : piece.marks)
    if (mark.voice != BeatMark::kWholePiece) used[mark.voice] = true;
  std::vector<std::uint16_t> order;
  for (std::size_t i = 0; i < used.size(); ++i)
    if (used[i]) order.push_back(std::uint16_t(i));
  if (sort != VoiceSort::kNone) {
    const auto key = [&](std::uint16_t index) {
      const BeatVoice& voice = piece.voices[index];
      return voice.is_drum && sort == VoiceSort::kDrumsFirst ? -1 : voice.key();
    };
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return key(a) < key(b); });
  }
  std::vector<std::uint16_t> places(used.size());
  std::vector<BeatVoice> voices;
  for (std::size_t i = 0; i < order.size(); ++i) {
    places[order[i]] = std::uint16_t(i);
    voices.push_back(piece.voices[order[i]]);
  }
  piece.voices = std::move(voices);
  for (GridNote& note : piece.notes) note.voice = places[note.voice];
  for (BeatMark& mark : piece.marks)
    if (mark.voice != BeatMark::kWholePiece) mark.voice = places[mark.voice];
}

// Of several tempos or keys at one time the last counts.
void keep_last_changes(std::vector<BeatMark>& marks) {
  for (std::size_t i = 0; i + 1 < marks.size(); ++i) {
    const bool is_change = marks[i].kind == WordKind::kTempo || marks[i].kind == WordKind::kKey;
    if (is_change && marks[i + 1].kind == marks[i].kind && marks[i + 1].time == marks[i].time)
      marks[i].kind = WordKind::kNone;
  }
  std::erase_if(marks, [](const BeatMark& mark) { return mark.kind == WordKind::kNone; });
}

// Where overlaps are cut: pedals and bends of voices that have no notes, and changes that change nothing.
void drop_idle_marks(BeatPiece& piece) {
  std::vector<bool> has_notes(piece.voices.size());
  for (const GridNote& note : piece.notes) has_notes[note.voice] = true;
  keep_last_changes(piece.marks);
  int tempo = -1, key = -1;
  std::erase_if(piece.marks, [&](const BeatMark& mark) {
    if (mark.kind == WordKind::kTempo) return std::exchange(tempo, mark.value) == mark.value;
    if (mark.kind == WordKind::kKey) return std::exchange(key, mark.value) == mark.value;
    return mark.voice != BeatMark::kWholePiece && !has_notes[mark.voice];
  });
}

// Pedals that are down at the last note's onset come up where they did.
void drop_marks_behind_the_end(BeatPiece& piece) {
  if (piece.notes.empty()) return;
  const std::int64_t end = piece.notes.back().onset;
  std::vector<bool> down(piece.voices.size());
  std::erase_if(piece.marks, [&](const BeatMark& mark) {
    if (mark.kind == WordKind::kPedal && mark.time <= end) down[mark.voice] = true;
    if (mark.kind != WordKind::kPedalEnd) return mark.time > end;
    const bool goes_up = down[mark.voice];
    down[mark.voice] = false;
    return !goes_up;
  });
}

}  // namespace

void settle(BeatPiece& piece, const BeatWords& words, BeatGrid grid) {
  const NoteOverlaps overlaps = words.options().overlaps;
  const bool cut = overlaps == NoteOverlaps::kCut;
  sort_marks<VoiceOrder>(piece.marks);
  if (cut) drop_idle_marks(piece);
  const bool sorts = grid.sorted_voices || (cut && !grid.separate_tracks);
  drop_empty_voices(piece, !sorts ? VoiceSort::kNone : cut ? VoiceSort::kDrumsLast : VoiceSort::kDrumsFirst);
  sort_marks<VoiceOrder>(piece.marks);
  if (overlaps == NoteOverlaps::kShortest) return keep_shortest(piece.notes);
  if (overlaps == NoteOverlaps::kKept) {
    const auto before = [](const GridNote& a, const GridNote& b) {
      return a.onset != b.onset ? a.onset < b.onset : a.voice < b.voice;
    };
    if (!std::is_sorted(piece.notes.begin(), piece.notes.end(), before))
      std::stable_sort(piece.notes.begin(), piece.notes.end(), before);
    return;
  }
  resolve_overlaps(piece.notes);
  drop_marks_behind_the_end(piece);
  if (grid.note_ends) return;
  with_meters(piece, words, [](GridNote& note, const BeatWords::Meter& meter) {
    note.duration = meter.lengths->ticks(meter.lengths->within(note.duration));
  });
}

void drop_late_bars(BeatPiece& piece, const BeatWords& words, BeatGrid grid) {
  std::int64_t bars = words.options().max_bars, onset = 0;
  int meter = words.default_meter();
  for (const BeatMark& mark : piece.marks) {
    if (mark.kind != WordKind::kTimeSignature) continue;
    const std::int64_t passed = (mark.time - onset) / words.meter(meter).ticks_per_bar;
    if (passed >= bars) break;
    bars -= passed;
    onset = mark.time;
    meter = mark.value;
  }
  const std::int64_t end = onset + bars * words.meter(meter).ticks_per_bar;
  const std::size_t before = piece.notes.size();
  std::erase_if(piece.notes, [&](const GridNote& note) { return note.onset >= end; });
  if (piece.notes.size() < before) settle(piece, words, grid);
}

std::size_t late_notes(const score::Score& score, const BeatWords& words, BeatGrid grid) {
  Result<BeatPiece> piece = put_on_beats(score, words, grid);
  if (!piece.ok()) return 0;
  const std::size_t before = piece->notes.size();
  drop_late_bars(*piece, words, grid);
  return before - piece->notes.size();
}

std::int64_t score_ticks_per_tick(const BeatWords& words) {
  return std::max(1, kTicksPerQuarter / words.ticks_per_quarter());
}

std::int32_t score_ticks_per_quarter(const BeatWords& words) {
  return static_cast<std::int32_t>(score_ticks_per_tick(words) * words.ticks_per_quarter());
}

score::Score score_of(const BeatPiece& piece, const BeatWords& words) {
  using score::Ticks;
  const std::int64_t ticks = score_ticks_per_tick(words);
  score::Score score;
  score.ticks_per_quarter = score_ticks_per_quarter(words);
  for (const BeatVoice& voice : piece.voices) {
    score.tracks.emplace_back();
    score.tracks.back().program = voice.program;
    score.tracks.back().is_drum = voice.is_drum;
  }
  std::vector<std::size_t> counts(piece.voices.size());
  for (const GridNote& note : piece.notes) ++counts[note.voice];
  for (std::size_t i = 0; i < counts.size(); ++i) score.tracks[i].notes.reserve(counts[i]);
  for (const GridNote& note : piece.notes) {
    score.tracks[note.voice].notes.push_back(score_note(note, ticks));
  }
  for (const BeatMark& mark : piece.marks) {
    const Ticks time(mark.time * ticks);
    switch (mark.kind) {
      case WordKind::kTempo:
        score.tempos.push_back({time, words.microseconds_per_quarter(mark.value)});
        break;
      case WordKind::kTimeSignature:
        score.time_signatures.push_back({time, words.meter(mark.value).numerator, words.meter(mark.value).denominator});
        break;
      case WordKind::kKey:
        score.key_signatures.push_back({time, mark.value / 2 - 7, mark.value % 2 == 1});
        break;
      case WordKind::kPedal:
      case WordKind::kPedalEnd: {
        const bool down = mark.kind == WordKind::kPedal;
        score.tracks[mark.voice].controls.push_back({time, kSustainController, std::uint8_t(down ? 127 : 0)});
        break;
      }
      case WordKind::kPitchBend:
        score.tracks[mark.voice].pitch_bends.push_back({time, std::int16_t(words.bend(mark.value))});
        break;
      default:
        break;
    }
  }
  if (score.tempos.empty()) score.tempos = {{Ticks(0), 500000}};
  if (score.time_signatures.empty()) score.time_signatures = {{Ticks(0), 4, 4}};
  return score;
}

}  // namespace continuo::tokens
