#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "continuo/tokens/beat_options.h"
#include "continuo/tokens/musical_position.h"

#include "../core/word_list.h"

namespace continuo::tokens {

// Lengths that are words, for one beat of `ticks_per_beat`. Lookups are by table, O(1).
class LengthTable {
 public:
  // Requires: resolutions of BeatOptions. With `deviations` the longest length is missing, and of two equally near the
  // shorter is meant.
  LengthTable(const std::vector<BeatResolution>& resolutions, int ticks_per_beat, bool deviations = false);

  // Units: ticks. Rising with the index; the first may be 0 where ticks are too coarse for it.
  int ticks(int index) const { return ticks_[std::size_t(index)]; }
  int longest() const { return ticks_.back(); }
  int shortest() const { return ticks_.front(); }
  // The index of the length nearest to `ticks`, the longer of two.
  int nearest(std::int64_t ticks) const { return nearest_[place(ticks)]; }
  // Of the longest that is no longer than `ticks`. Requires: ticks >= shortest().
  int within(std::int64_t ticks) const { return within_[place(ticks)]; }

 private:
  std::size_t place(std::int64_t ticks) const { return std::size_t(ticks < longest() ? ticks : longest()); }
  std::vector<std::int32_t> ticks_;
  std::vector<std::int16_t> nearest_, within_;  // by ticks
};

// Which words a tokenisation has beyond those that its options ask for.
struct BeatParts {
  bool bars = false, positions = false, shifts = false, zero_shift = false, note_ends = false, bar_numbers = false;
  bool family = false, places = false, tracks = false;
  bool parts = false;       // tracks of one program are numbered, and tasks have words
  bool deviations = false;  // the ticks are those of the options, in quarters, and onsets miss the grid by so many
};

// The words of the beat family for one set of options. Words' values: an index into the tables below; the pitch less
// the lowest; the program, kDrumVoice for drums (Pedal words too). Immutable.
//
// Times are counted in ticks: `scale` of them to the position in the meter of the largest denominator, so that every
// position of every meter is a whole number of them.
class BeatWords : public WordList {
 public:
  // Requires: options that check_options() takes.
  BeatWords(const BeatOptions& options, const BeatParts& parts);

  const BeatOptions& options() const { return options_; }
  int ticks_per_quarter() const { return ticks_per_quarter_; }
  int positions_per_beat() const { return positions_per_beat_; }
  bool has_deviations() const { return has(WordKind::kMicroTiming); }
  // Units: ticks. Rising with the index, as many below 0 as above.
  int deviation(int index) const { return deviations_[std::size_t(index)]; }
  // The nearest, the lower of two.
  int nearest_deviation(std::int64_t ticks) const;

  struct Meter {
    int numerator = 4, denominator = 4;
    int ticks_per_bar = 0, ticks_per_beat = 0, ticks_per_position = 0;
    const LengthTable* lengths = nullptr;
    const LengthTable* rests = nullptr;  // null without Rest words
  };
  const Meter& meter(int index) const { return meters_[std::size_t(index)]; }
  int meter_count() const { return int(meters_.size()); }
  // -1 when there is no such word.
  int find_meter(int numerator, int denominator) const;
  // Of 4/4.
  int default_meter() const { return default_meter_; }

  // Positions of the meter that has most of them.
  int places_per_bar() const { return places_per_bar_; }
  // Where `since_bar_line` is in a bar of `meter` and `now` in the piece. Units: ticks.
  MusicalPosition position(std::int64_t since_bar_line, const Meter& meter, std::int64_t now) const {
    return {.place = place_within(since_bar_line / meter.ticks_per_position, places_per_bar_), .step = now};
  }

  // How far a TimeShift word goes. Units: ticks.
  int shift(const Meter& meter, int value) const {
    return zero_shift_ && value == 0 ? 0 : meter.lengths->ticks(value - int(zero_shift_));
  }

  // Units: quarters per minute.
  double tempo(int index) const { return tempos_[std::size_t(index)]; }
  std::int32_t microseconds_per_quarter(int index) const;
  int nearest_tempo(std::int32_t microseconds_per_quarter) const;
  int default_tempo() const { return nearest_tempo(500000); }

  // The bin nearest to a velocity, the louder of two, and its loudness.
  int velocity_bin(int velocity) const { return velocity_bins_[std::size_t(velocity)]; }
  std::uint8_t velocity(int bin) const { return velocities_[std::size_t(bin)]; }

  int nearest_bend(int value) const;
  int bend(int index) const { return bends_[std::size_t(index)]; }

  // The MIDI key of a pitch word's value.
  std::uint8_t pitch(int value, bool is_drum) const {
    return std::uint8_t(value + (is_drum ? options_.lowest_drum : options_.lowest_pitch));
  }
  bool has_pitch(int pitch, bool is_drum) const {
    return is_drum ? pitch >= options_.lowest_drum && pitch <= options_.highest_drum
                   : pitch >= options_.lowest_pitch && pitch <= options_.highest_pitch;
  }

 private:
  void add_notes(const BeatParts& parts);
  void add_times(const BeatParts& parts);
  void add_changes(const BeatParts& parts);
  int own_ticks(const BeatParts& parts) const { return parts.deviations ? options_.ticks_per_beat : 0; }
  const LengthTable* add_table(const std::vector<BeatResolution>& resolutions, int ticks, bool deviations);
  void make_meters(bool in_own_ticks);
  void make_deviations();
  void make_tempos();
  void make_velocities();

  BeatOptions options_;
  bool zero_shift_;
  int positions_per_beat_ = 0;
  int ticks_per_quarter_ = 0;
  int places_per_bar_ = 0;
  int default_meter_ = 0;
  std::vector<Meter> meters_;
  std::vector<std::unique_ptr<LengthTable>> tables_;
  std::vector<double> tempos_;
  std::vector<std::uint8_t> velocities_;
  std::array<std::uint8_t, 128> velocity_bins_{};
  std::vector<int> bends_, deviations_;
};

// Kinds of chord by their intervals above the lowest note, in the order of the Chord words.
struct ChordShape {
  const char* name;
  std::array<std::int8_t, 5> intervals;  // as many as notes, then -1
};
std::span<const ChordShape> chord_shapes();

}  // namespace continuo::tokens
