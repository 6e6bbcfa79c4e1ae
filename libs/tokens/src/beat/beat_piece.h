#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "continuo/score/score.h"

#include "../core/grid_notes.h"
#include "beat_words.h"

namespace continuo::tokens {

// An instrument, or with separate tracks a track. Range: program 0-127; drums have program 0.
struct BeatVoice {
  std::uint8_t program = 0;
  bool is_drum = false;
  static BeatVoice of(int key) { return key == kDrumVoice ? BeatVoice{0, true} : BeatVoice{std::uint8_t(key), false}; }
  // As the value of a Program word.
  int key() const { return is_drum ? kDrumVoice : program; }
};

// Anything but a note: a word of `kind` and `value` at a time. Voice kWholePiece: tempo, meter, key.
struct BeatMark {
  static constexpr std::uint16_t kWholePiece = 0xFFFF;
  std::int64_t time = 0;
  WordKind kind = WordKind::kNone;
  std::uint16_t voice = kWholePiece;
  std::int32_t value = 0;
};

// In what order events of one time stand: those of the piece first, then voice by voice marks, ends of notes, notes.
struct VoiceOrder {
  static int rank(const BeatMark& mark) {
    return mark.voice == BeatMark::kWholePiece ? int(mark.kind) : (mark.voice + 1) * kWordKinds + int(mark.kind);
  }
  static int end_rank(int voice) { return (voice + 2) * kWordKinds - 2; }
  static int note_rank(int voice) { return (voice + 2) * kWordKinds - 1; }
};

// By time, then `Order`.
template <typename Order>
void sort_marks(std::vector<BeatMark>& marks) {
  std::stable_sort(marks.begin(), marks.end(), [](const BeatMark& a, const BeatMark& b) {
    return a.time != b.time ? a.time < b.time : Order::rank(a) < Order::rank(b);
  });
}

// What the beat family encodes: a piece on its grid. Units: the words' ticks. A note's velocity is that of a bin, its
// voice an index into `voices`. Both lists are in order of time, then voice.
struct BeatPiece {
  std::vector<BeatVoice> voices;
  std::vector<GridNote> notes;
  std::vector<BeatMark> marks;
};

// How a piece is put on the grid beyond what the options say.
struct BeatGrid {
  bool note_ends = false;        // durations need not be words
  bool separate_tracks = false;  // tracks of one program stay apart
  bool sorted_voices = false;    // by program whatever becomes of overlaps; unless these are cut, drums come first
};

// Errors: those of check_score; no_notes (none within the pitches that are words); too_large (beyond 1,000,000
// quarters).
//
// Notes go to the nearest position, and their durations to the nearest word, the longer of two. A time signature that
// is no word is left out, the others move to the next bar line.
Result<BeatPiece> put_on_beats(const score::Score& score, const BeatWords& words, BeatGrid grid);

// What has been read from words becomes what put_on_beats() would make of it. Voices that have nothing go.
void settle(BeatPiece& piece, const BeatWords& words, BeatGrid grid);

// For tokenisations that count bars: takes out the notes from bar max_bars on.
void drop_late_bars(BeatPiece& piece, const BeatWords& words, BeatGrid grid);
// How many that would be.
std::size_t late_notes(const score::Score& score, const BeatWords& words, BeatGrid grid);

// The ticks of scores in one of the words', and in a quarter.
std::int64_t score_ticks_per_tick(const BeatWords& words);
std::int32_t score_ticks_per_quarter(const BeatWords& words);
score::Score score_of(const BeatPiece& piece, const BeatWords& words);

}  // namespace continuo::tokens
