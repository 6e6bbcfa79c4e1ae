#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <tuple>

#include "../core/sustain.h"
#include "beat_meters.h"
#include "beat_piece.h"

namespace continuo::tokens {
namespace {

using score::Score;
using score::Ticks;
using score::Track;

// Puts one piece on its grid. Until the end all times are in the ticks of its own meters.
class GridBuilder {
 public:
  GridBuilder(const Score& score, const BeatWords& words, BeatGrid grid)
      : score_(score), words_(words), grid_(grid), meters_(score, words) {}

  Result<BeatPiece> build() {
    piece_.notes.reserve(score_.note_count());
    for (const Track& track : score_.tracks) add_track(track);
    order_notes();
    snap_notes();
    if (piece_.notes.empty()) return Error{ErrorCode::no_notes, "the piece has no notes of a pitch that is a word"};
    add_meters();
    if (words_.has(WordKind::kTempo)) add_tempos();
    if (words_.has(WordKind::kKey)) add_keys();
    for (std::size_t voice = 0; voice < pedals_.size(); ++voice) add_pedals(std::uint16_t(voice));
    for (std::size_t voice = 0; voice < bends_.size(); ++voice) add_bends(std::uint16_t(voice));
    for (BeatMark& mark : piece_.marks) mark.time *= meters_.scale();
    settle(piece_, words_, grid_);
    CONTINUO_TRY(check_length(piece_.notes, words_.ticks_per_quarter()));
    return std::move(piece_);
  }

 private:
  struct Span {
    std::int64_t onset, duration;
  };

  // Where all is as MidiTok leaves it, halves fall as its products of floating point numbers do.
  std::int64_t tick(Ticks time) const {
    if (cuts_) return nearest_step(time, meters_.ticks_per_quarter(), score_.ticks_per_quarter);
    return std::llround(double(std::clamp<std::int64_t>(time.value, 0, 2 * kMaxTicks)) * ticks_per_tick_);
  }

  // Which voice a track belongs to; the first track of an instrument makes it.
  std::uint16_t voice_for(const Track& track) {
    BeatVoice voice{0, track.is_drum};
    if (!track.is_drum && words_.has(WordKind::kProgram)) voice.program = std::min<std::uint8_t>(track.program, 127);
    const auto found = std::find_if(piece_.voices.begin(), piece_.voices.end(),
                                    [&](const BeatVoice& each) { return each.key() == voice.key(); });
    if (!grid_.separate_tracks && found != piece_.voices.end()) return std::uint16_t(found - piece_.voices.begin());
    piece_.voices.push_back(voice);
    tracks_.push_back(0);
    pedals_.emplace_back();
    bends_.emplace_back();
    return std::uint16_t(piece_.voices.size() - 1);
  }

  void add_track(const Track& track) {
    if (piece_.voices.size() == BeatMark::kWholePiece) return;
    const std::uint16_t voice = voice_for(track);
    ++tracks_[voice];
    for (const score::Note& note : track.notes) {
      if (!words_.has_pitch(note.pitch, track.is_drum)) continue;
      GridNote added;
      added.onset = tick(note.onset);
      added.duration = std::max<std::int64_t>(1, tick(note.duration));
      added.voice = voice;
      added.pitch = note.pitch;
      added.velocity = std::min<std::uint8_t>(note.velocity, 127);
      piece_.notes.push_back(added);
    }
    if (words_.has(WordKind::kPedal)) {
      for (const PedalSpan& span : pedal_spans(track))
        pedals_[voice].push_back({tick(span.down), std::max<std::int64_t>(1, tick(span.up - span.down))});
    }
    if (words_.has(WordKind::kPitchBend))
      for (const score::PitchBend& bend : track.pitch_bends) bends_[voice].push_back({tick(bend.onset), bend.value});
  }

  // By onset and voice. Where all notes stay, those of merged tracks are then sorted by duration, as in MidiTok.
  void order_notes() {
    const auto before = [&](const GridNote& a, const GridNote& b) {
      if (a.onset != b.onset || a.voice != b.voice) return std::tie(a.onset, a.voice) < std::tie(b.onset, b.voice);
      if (words_.options().overlaps != NoteOverlaps::kKept || tracks_[a.voice] < 2) return false;
      return std::tie(a.duration, a.pitch, a.velocity) < std::tie(b.duration, b.pitch, b.velocity);
    };
    if (!std::is_sorted(piece_.notes.begin(), piece_.notes.end(), before))
      std::stable_sort(piece_.notes.begin(), piece_.notes.end(), before);
  }

  void snap_notes() {
    std::size_t section = 0;
    const int scale = meters_.scale();
    for (GridNote& note : piece_.notes) {
      Span span{note.onset, note.duration};
      snap(span, section, grid_.note_ends);
      note.onset = span.onset * scale;
      note.duration = span.duration * scale;
      if (!grid_.note_ends) {
        const LengthTable& lengths = *words_.meter(meters_.sections()[section].meter).lengths;
        note.duration = lengths.ticks(lengths.nearest(note.duration));
      }
      note.velocity = words_.velocity(words_.velocity_bin(note.velocity));
    }
  }

  // Leaves `section` that of the onset.
  void snap(Span& span, std::size_t& section, bool snaps_end) const {
    const std::int64_t end = span.onset + span.duration;
    span.onset = meters_.snap(span.onset, section);
    meters_.find(span.onset, section);
    if (!snaps_end) return;
    std::size_t end_section = section;
    span.duration = meters_.snap(end, end_section) - span.onset;
    if (span.duration <= 0) span.duration = meters_.step(section);
  }

  void mark(std::int64_t time, WordKind kind, std::int32_t value, std::uint16_t voice = BeatMark::kWholePiece) {
    piece_.marks.push_back({time, kind, voice, value});
  }

  void add_meters() {
    if (!words_.has(WordKind::kTimeSignature)) return;
    for (const MeterSection& section : meters_.sections()) mark(section.onset, WordKind::kTimeSignature, section.meter);
  }

  // Of several at one time the last counts. `values` gives the word of an event, `fallback` what holds at the start.
  template <typename Events, typename Value>
  void add_changes(WordKind kind, const Events& events, int fallback, const Value& value) {
    std::vector<std::pair<std::int64_t, int>> changes;
    for (const auto& event : events) changes.emplace_back(tick(event.onset), value(event));
    std::stable_sort(changes.begin(), changes.end(), [](auto& a, auto& b) { return a.first < b.first; });
    std::size_t section = 0;
    for (auto& change : changes) change.first = meters_.snap(change.first, section);
    if (changes.empty() || changes.front().first > 0) mark(0, kind, fallback);
    for (std::size_t i = 0; i < changes.size(); ++i) {
      if (i + 1 == changes.size() || changes[i + 1].first > changes[i].first)
        mark(changes[i].first, kind, changes[i].second);
    }
  }

  void add_tempos() {
    add_changes(WordKind::kTempo, score_.tempos, words_.default_tempo(),
                [&](const score::Tempo& tempo) { return words_.nearest_tempo(tempo.microseconds_per_quarter); });
  }

  void add_keys() {
    add_changes(WordKind::kKey, score_.key_signatures, 14, [](const score::KeySignature& key) {
      return 2 * (std::clamp(key.fifths, -7, 7) + 7) + int(key.is_minor);
    });
  }

  // Pedals that touch become one.
  void add_pedals(std::uint16_t voice) {
    std::vector<Span>& spans = pedals_[voice];
    std::stable_sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.onset < b.onset; });
    std::vector<Span> joined;
    std::size_t section = 0;
    for (Span span : spans) {
      snap(span, section, true);
      if (!joined.empty() && joined.back().onset + joined.back().duration >= span.onset) {
        Span& last = joined.back();
        last.duration = std::max(last.duration, span.onset + span.duration - last.onset);
      } else {
        joined.push_back(span);
      }
    }
    const int value = words_.has(WordKind::kProgram) ? piece_.voices[voice].key() : 0;
    for (const Span& span : joined) {
      mark(span.onset, WordKind::kPedal, value, voice);
      mark(span.onset + span.duration, WordKind::kPedalEnd, value, voice);
    }
  }

  // Of several at one time the one that bends most counts.
  void add_bends(std::uint16_t voice) {
    std::vector<std::pair<std::int64_t, int>>& bends = bends_[voice];
    std::stable_sort(bends.begin(), bends.end(), [](auto& a, auto& b) { return a.first < b.first; });
    std::size_t section = 0;
    for (auto& [time, value] : bends) {
      time = meters_.snap(time, section);
      value = words_.nearest_bend(value);
    }
    for (std::size_t i = 0, j = 0; i < bends.size(); i = j) {
      int most = bends[i].second;
      for (j = i; j < bends.size() && bends[j].first == bends[i].first; ++j)
        if (std::abs(words_.bend(bends[j].second)) > std::abs(words_.bend(most))) most = bends[j].second;
      mark(bends[i].first, WordKind::kPitchBend, most, voice);
    }
  }

  const Score& score_;
  const BeatWords& words_;
  BeatGrid grid_;
  BeatMeters meters_;
  bool cuts_ = words_.options().overlaps == NoteOverlaps::kCut;
  double ticks_per_tick_ = double(meters_.ticks_per_quarter()) / score_.ticks_per_quarter;
  BeatPiece piece_;
  std::vector<int> tracks_;                                       // by voice, how many it has
  std::vector<std::vector<Span>> pedals_;                         // by voice
  std::vector<std::vector<std::pair<std::int64_t, int>>> bends_;  // by voice: time and value
};

}  // namespace

Result<BeatPiece> put_on_beats(const Score& score, const BeatWords& words, BeatGrid grid) {
  CONTINUO_TRY(check_score(score));
  return GridBuilder(score, words, grid).build();
}

}  // namespace continuo::tokens
