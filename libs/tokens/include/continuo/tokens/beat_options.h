#pragma once

#include <string>
#include <vector>

namespace continuo::tokens {

// Lengths in [from_beats, to_beats) are rounded to `steps` to the beat.
struct BeatResolution {
  int from_beats = 0, to_beats = 0, steps = 0;
  friend bool operator==(const BeatResolution&, const BeatResolution&) = default;
};

// A time signature that is a word.
struct BeatMeter {
  int numerator = 4, denominator = 4;
  friend bool operator==(const BeatMeter&, const BeatMeter&) = default;
};

// What becomes of notes of one pitch and instrument that overlap on the grid.
enum class NoteOverlaps {
  kCut,       // one that still sounds when its pitch is struck again ends there; of equal strikes the longest stays
  kShortest,  // overlaps stay; of equal strikes the shortest stays. MidiTok's remove_duplicated_notes
  kKept       // all stay, in the order of the piece. MidiTok's default
};

// Which words a tokenisation of the beat family has, and how finely. The family: remi_plus, midi_like, tsd, structured,
// cp_word, octuple, mumidi, mmm, per_tok, bar_tracks. A beat is the denominator of the time signature in force. With
// kCut all laws of tokenizer.h hold; the others are for interchange with MidiTok, and what they encode may decode into
// notes that encode in another order.
// Source: MidiTok (Fradet et al., arXiv 2310.17202), whose TokenizerConfig has the same choices. Our defaults differ:
// all pitches, programs and tempos (each second one) are words, and there are more time signatures.
struct BeatOptions {
  // Onsets are on the finest of them; durations and time shifts take the one of their length. Ranges follow one another
  // from beat 0; the last range's end is the longest length. Range: 1 to 64 beats, 1 to 64 steps; the finest is a
  // multiple of the others.
  std::vector<BeatResolution> resolutions = {{0, 4, 8}, {4, 12, 4}};
  // Silences as Rest words. Empty: none, a silence lasts until the next onset. MidiTok's are {0, 1, 8}, {1, 2, 4},
  // {2, 12, 2}.
  std::vector<BeatResolution> rests;
  // Loudness in this many words. 0: none, notes decode at 100. Range: 0 to 127.
  int velocity_bins = 32;
  // Notes outside are left out. Range: 0 to 127, both ends included.
  int lowest_pitch = 0, highest_pitch = 127;
  int lowest_drum = 0, highest_drum = 127;
  // Whether notes name their instrument. Without, there are pitched notes and drums.
  bool programs = true;
  // Time signatures. Without, all is 4/4. Range: denominators 1 to 16; 4/4 is among them.
  bool meters = true;
  std::vector<BeatMeter> meter_words = {{2, 2}, {3, 2}, {1, 4}, {2, 4}, {3, 4}, {4, 4}, {5, 4},
                                        {6, 4}, {3, 8}, {5, 8}, {6, 8}, {7, 8}, {9, 8}, {12, 8}};
  bool tempos = true;
  // From slowest to fastest, equally far apart or, with log_tempos, in equal ratios. Units: beats per minute. Range: 1
  // to 1000, 2 to 512 words.
  int slowest_tempo = 40, fastest_tempo = 250, tempo_words = 106;
  bool log_tempos = false;
  bool keys = false;
  // Chords found among the notes that start together, named by their intervals. Of bar_tracks: words by which a model
  // learns the chords of a bar and can be asked for them (track_cells.h).
  bool chords = false;
  // The sustain pedal.
  bool pedals = false;
  // Pitch bends in this many words. 0: none. Range: 0 or 2 to 1024.
  int pitch_bends = 0;
  NoteOverlaps overlaps = NoteOverlaps::kCut;
  // octuple and mumidi number bars with words; notes in later bars are left out. Range: 1 to 4096.
  int max_bars = 256;
  // The tokenisation of each track of mmm: "remi_plus" or "tsd".
  std::string base = "tsd";
  // per_tok's clock, and its deviations from the grid: this many words on either side, up to this part of a beat.
  // Range: 24 to 960 ticks, a multiple of all steps; 1 to 64 words; a half to a sixty-fourth.
  int ticks_per_beat = 320;
  int microtiming_words = 15;
  int microtiming_fraction = 8;
};

}  // namespace continuo::tokens
