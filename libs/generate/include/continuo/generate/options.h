#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "continuo/sampling/sampler.h"
#include "continuo/score/chord.h"
#include "continuo/score/general_midi.h"
#include "continuo/score/score.h"

namespace continuo::generate {

// How much new music to compose, beyond the primer.
enum class LengthUnit { kTokens, kBars, kSeconds };
struct Length {
  LengthUnit unit = LengthUnit::kBars;
  double amount = 16;  // Range: more than 0, at most 1,000,000; of tokens and bars at least 1
};

// Bars first..last, counted from 1, both included.
struct BarRange {
  int first = 1, last = 1;
};

// A track to be composed. Range: program 0 to 127, 0 for drums.
struct Instrument {
  std::uint8_t program = 0;
  bool is_drum = false;
};

// What new notes keep to, by construction, where cells of tracks are written (fill by a causal model, add_tracks,
// `ending`).
struct NoteRules {
  // Not of drums. Range: MIDI keys
  int lowest = 0, highest = 127;
  // Besides, a track keeps to what its instrument can play (score::program_range) and to what the piece asks of it.
  bool keeps_to_instruments = true;
  // Not of drums: a bit for each pitch class that may sound, C the first. Range: 1 to 0xFFF
  std::uint16_t pitch_classes = 0xFFF;
  // The most notes that sound at once in a track; of more, the earliest end. 0: any
  int most_at_once = 0;
  // About so many notes in a bar in which a track plays: within the level of TrackCells::density_of(). 0: any
  int notes_per_bar = 0;
  // Notes begin at multiples of 1/grid of a quarter after their bar line. 0: wherever the tokenisation has a place.
  // Range: what divides the places that it has in a quarter
  int grid = 0;
  // The most bars in a row in which an added track (add_tracks) has no note, bars that begin before the first note of
  // the primer left out. Range: 0 upwards
  int longest_rest_bars = 2;

  // Requires: a MIDI key.
  bool allows(int pitch) const {
    return pitch >= lowest && pitch <= highest && (pitch_classes >> (pitch % 12) & 1) != 0;
  }
  friend bool operator==(const NoteRules&, const NoteRules&) = default;
};

// What of the old notes of rewritten bars stays.
enum class Keep {
  kNothing,
  kRhythm,  // onsets and lengths; pitches are new
  kPitches  // pitches, in their order within each bar; onsets and lengths are new
};

// Range: MIDI keys, lowest <= highest.
using PitchRange = score::PitchSpan;

inline bool is_in(std::span<const PitchRange> ranges, int pitch) {
  return std::ranges::any_of(
      ranges, [pitch](const PitchRange& range) { return pitch >= range.lowest && pitch <= range.highest; });
}

// A temperature for the words of one kind, as Vocabulary::kind() names it, whatever the case of its letters.
struct KindTemperature {
  std::string kind;
  double temperature = 1;  // Range: >= 0
};

struct ComposeOptions {
  std::optional<score::Score> primer;
  // Rewrite these bars of the primer: bidirectional models, or causal ones of a tokenisation with track cells.
  std::optional<BarRange> fill;
  // Of `fill`: the tracks to rewrite, as indices into the primer's; empty: all that have notes. Others than all need
  // track cells.
  std::vector<std::size_t> fill_tracks;
  // Add a track for each of these to the primer, or, without a primer, compose a piece of just these; causal models of
  // a tokenisation with track cells.
  std::vector<Instrument> add_tracks;
  // Of tracks that are added to a primer: its own are heard and left out of the result, where the new ones accompany
  // its melody.
  struct Lead {
    Instrument instrument;             // plays the melody; no drums
    std::optional<std::size_t> track;  // of the primer, which is the melody; unset: score::melody_of()
  };
  std::optional<Lead> lead;
  // Of a piece of just these.
  double tempo = 120;  // Units: quarters per minute. Range: 1 to 1000
  int meter_numerator = 4, meter_denominator = 4;
  std::optional<score::KeySignature> key;  // its signature; what notes keep to is in note_rules
  // Its sections, each as long as the others: "AABA". A letter that comes again is the same section again; with '
  // ("AABA'") its second half is new. Empty: one section.
  std::string form;
  NoteRules note_rules;
  // The chords of the new bars, again and again to their end, where cells of tracks are written by a model that has
  // words for chords; the result names them. Empty: those that chord symbols of the primer name there, if any.
  std::vector<score::BarChords> chords;
  // Instead: the model chooses the chords of each new bar before its notes, so that they fit what is given of it.
  bool draws_chords = false;
  // How much chords and notes a bar count for: 1, as the model has learned; more, so much stronger than without them.
  // Others than 1 read all twice. Unset: 2 where bars have chords, else 1. Range: 0 to 10
  std::optional<double> guidance;
  Keep keep = Keep::kNothing;  // of `fill`; others than kNothing need track cells
  // Of kRhythm: the share of the notes that get a new pitch; of kPitches: that get a new place. Range: 0 to 1
  double strength = 1;
  // Of `fill`: notes of these pitches stay exactly as they are, and no new ones of them are added. Needs track cells.
  std::vector<PitchRange> locked;
  // The last of the new bars are led to a close. Needs track cells; pieces of just `add_tracks` have it anyway.
  bool ending = false;
  bool harmonise = false;  // keep the primer, a melody, and add voices below it; bidirectional models only
  // Keep the primer's notes and draw how each is played, as far as the tokenisation has words for it; causal models
  // only.
  struct Humanise {
    bool loudness = true, timing = true;
  };
  std::optional<Humanise> humanise;
  // Keep the primer's notes and play them as a pianist: their loudness, when in its turn each is struck, and how long
  // it sounds; causal models of a tokenisation with event words. Drums stay as they are.
  struct Perform {
    double timing = 0.02;  // Units: seconds early or late, at most. Range: 0 to 0.2
    bool pedal = false;    // pedal piano tracks that have no pedal, through each chord
  };
  std::optional<Perform> perform;
  // Keep the primer's onsets, a rhythm that was tapped, and draw which drums are hit at each and how loud; the result
  // has these in place of the primer's notes. Causal models of a tokenisation of drums on a grid.
  bool beat = false;
  // How new notes are played, whatever the tokenisation; not with humanise and perform, which draw it.
  struct Playing {
    // Velocities are brought between these, in proportion: 1 becomes the softest. Range: 1 <= softest <= loudest <= 127
    int softest = 1, loudest = 127;
    // Where in its quarter the second eighth begins, and all between in proportion: 1/2 straight, 2/3 a triplet's. Not
    // in bars whose beats are three eighths, nor in tokenisations in clock time. Range: 0.5 to 0.75
    double swing = 0.5;
    friend bool operator==(const Playing&, const Playing&) = default;
  };
  Playing playing;
  Length length;  // ignored with `fill`, `harmonise`, `humanise`, `perform`, `beat`, and where tracks are added
  bool stop_at_end = false;  // also end where the model draws EOS
  // The longest new note, 0 for any; unset: what 99.9 % of the model's training notes keep to, where that is known and
  // the tokenisation can limit notes. Units: quarters, or seconds where the tokenisation is in clock time.
  std::optional<double> longest_note;
  // How long nothing may sound before the last new note, 0 for any time; unset: 3, where the tokenisation can limit
  // silences. Units: seconds
  std::optional<double> longest_silence;
  sampling::SamplerOptions sampler;  // its groups are made from temperature_of
  // Which kind of word comes next is drawn at the sampler's temperature, which word of these kinds at their own.
  std::vector<KindTemperature> temperature_of;
  std::uint64_t seed = 0;
  int rounds = 12;  // of unmasking (bidirectional models). Range: >= 1
  // Rounds after these, each of which draws a random part of the tokens again; -1: twice as many. None at temperature
  // 0. Range: >= -1
  int refinements = -1;
};

}  // namespace continuo::generate
