#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "repeats.h"

namespace continuo::notation {

// Lengths and places, in parts of a whole note that the format's reader chooses.
using Units = std::int64_t;

// A measure as it is written.
struct WrittenBar {
  Units length = 0;      // of its content
  Units bar_length = 0;  // of a bar in its meter
  int numerator = 4, denominator = 4;
  bool is_free = false;        // without meter
  bool continues_bar = false;  // it completes a bar that the measure before it began
};

// A measure with its time.
struct PlayedBar {
  std::size_t index = 0;  // of the written bar
  Units onset = 0;
  Units length = 0;
  Units bar_position = 0;       // where in its bar it begins: not 0 for a pickup and what completes one
  bool is_after_break = false;  // a double bar, a repeat sign, an ending, a jump or nothing comes before it
};

struct BarLayout {
  struct Meter {
    Units onset;
    int numerator, denominator;
  };
  // A written bar that does not add up in the meter that it was held against.
  struct OddBar {
    std::size_t index;
    int numerator, denominator;
  };
  // A bar that is shorter or longer than its meter, whatever measures it consists of.
  struct IrregularBar {
    Units onset, length;
  };
  std::vector<PlayedBar> bars;
  std::vector<Meter> meters;            // where one is written that is another than before
  std::vector<IrregularBar> irregular;  // with them and the meters a BarGrid has a bar line at every bar line
  std::vector<OddBar> odd_bars;
  Units pickup = 0;  // silence before a first bar that is short
};

// "a bar of 5/8 in 3/4 time". Requires: `whole`, a whole note's length, > 0.
std::string odd_bar_text(Units length, Units whole, int numerator, int denominator);

// The order of play alone: onsets are sums of lengths. Sections as for play_order().
std::vector<PlayedBar> played_in_order(std::span<const Navigation> navigation, std::span<const WrittenBar> bars,
                                       std::span<const Section> sections = {});

// Gives every played measure its place in a bar of the meter. A pickup lies at the end of a full first bar. Measures
// that a break has cut add up to a bar again, as do two that continues_bar joins; a measure of several bars is several
// bars. What else does not add up is an irregular bar. Empty where nothing is played, and longer than
// kMaxPlayedMeasures never.
BarLayout lay_out_bars(std::span<const Navigation> navigation, std::span<const WrittenBar> bars,
                       std::span<const Section> sections = {});

}  // namespace continuo::notation
