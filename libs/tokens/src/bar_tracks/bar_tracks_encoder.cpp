#include "bar_tracks_encoder.h"

#include <algorithm>
#include <map>

#include "../beat/task_words.h"

namespace continuo::tokens {
namespace {

// The bar lines of a piece, from the first on.
class BarLines {
 public:
  BarLines(const BeatPiece& piece, const BeatWords& words) : piece_(piece), words_(words) {}

  // The last bar line that is not after `time`, and the one after it. Requires: times that do not fall from call to
  // call.
  std::pair<std::int64_t, std::int64_t> around(std::int64_t time) {
    for (; mark_ < piece_.marks.size() && piece_.marks[mark_].time <= time; ++mark_) {
      const BeatMark& mark = piece_.marks[mark_];
      if (mark.kind != WordKind::kTimeSignature) continue;
      meter_ = mark.value;
      section_ = mark.time;
    }
    const int bar = words_.meter(meter_).ticks_per_bar;
    const std::int64_t before = section_ + (time - section_) / bar * bar;
    return {before, next_meter(before + bar)};
  }

 private:
  // A meter that begins within the bar cuts it short.
  std::int64_t next_meter(std::int64_t end) const {
    for (std::size_t i = mark_; i < piece_.marks.size() && piece_.marks[i].time < end; ++i)
      if (piece_.marks[i].kind == WordKind::kTimeSignature) return piece_.marks[i].time;
    return end;
  }

  const BeatPiece& piece_;
  const BeatWords& words_;
  std::size_t mark_ = 0;
  int meter_ = words_.default_meter();
  std::int64_t section_ = 0;
};

}  // namespace

void share_last_part(BeatPiece& piece) {
  std::map<int, int> tracks;          // of each program, so far
  std::map<int, std::uint16_t> last;  // its last part
  std::vector<std::uint16_t> places(piece.voices.size());
  for (std::size_t i = 0; i < piece.voices.size(); ++i) {
    const int key = piece.voices[i].key();
    if (tracks[key]++ < kMostParts) last[key] = std::uint16_t(i);
    places[i] = last[key];
  }
  for (GridNote& note : piece.notes) note.voice = places[note.voice];
}

void move_changes_to_bar_lines(BeatPiece& piece, const BeatWords& words) {
  if (piece.notes.empty()) return;
  BarLines lines(piece, words);
  const std::int64_t last_onset = piece.notes.back().onset;
  for (BeatMark& mark : piece.marks) {
    if (mark.kind != WordKind::kTempo && mark.kind != WordKind::kKey) continue;
    const auto [before, after] = lines.around(mark.time);
    mark.time = mark.time - before > after - mark.time && after <= last_onset ? after : before;
  }
}

std::vector<int> BarTracksEncoder::parts() const {
  std::map<int, int> tracks;
  std::vector<int> parts;
  for (const BeatVoice& voice : piece_.voices) parts.push_back(tracks[voice.key()]++);
  return parts;
}

// The meter is that of the last TimeSig; of the changes at this bar line those of tempo and key have words.
void BarTracksEncoder::write_head(std::int64_t onset, std::size_t& mark) {
  const std::size_t first = mark;
  for (; mark < piece_.marks.size() && piece_.marks[mark].time <= onset; ++mark)
    if (piece_.marks[mark].kind == WordKind::kTimeSignature) meter_ = &words_.meter(piece_.marks[mark].value);
  write(WordKind::kBar, 0);
  if (words_.has(WordKind::kTimeSignature)) write(WordKind::kTimeSignature, meter_ - &words_.meter(0));
  for (const WordKind kind : {WordKind::kTempo, WordKind::kKey})
    for (std::size_t i = first; i < mark; ++i)
      if (piece_.marks[i].kind == kind) write(kind, piece_.marks[i].value);
}

// `notes` by onset; of one bar.
void BarTracksEncoder::write_cells(std::span<const GridNote> notes, std::int64_t onset) {
  std::vector<GridNote> by_track(notes.begin(), notes.end());
  std::ranges::stable_sort(by_track, {}, &GridNote::voice);
  const GridNote* last = nullptr;
  for (const GridNote& note : by_track) {
    const bool begins = last == nullptr || last->voice != note.voice;
    if (begins) {
      write(WordKind::kProgram, voice(note.voice).key());
      if (parts_[note.voice] > 0) write(WordKind::kPart, parts_[note.voice] - 1);
    }
    if (begins || last->onset != note.onset)
      write(WordKind::kPosition, (note.onset - onset) / meter_->ticks_per_position);
    write_strike(note);
    write(WordKind::kDuration, meter_->lengths->nearest(note.duration));
    last = &note;
  }
}

std::vector<TokenId> BarTracksEncoder::encode() {
  std::size_t mark = 0;
  const std::span<const GridNote> notes = piece_.notes;
  std::int64_t onset = 0;
  for (std::size_t done = 0; done < notes.size();) {
    write_head(onset, mark);
    const std::int64_t end = onset + meter_->ticks_per_bar;
    std::size_t next = done;
    while (next < notes.size() && notes[next].onset < end) ++next;
    write_cells(notes.subspan(done, next - done), onset);
    done = next;
    onset = end;
  }
  return tokens();
}

}  // namespace continuo::tokens
