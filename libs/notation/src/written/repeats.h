#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace continuo::notation {

// Against texts that are small and mean hours.
inline constexpr std::size_t kMaxPlayedMeasures = 60000;

// What decides in which order bars are played.
struct Navigation {
  bool starts_repeat = false;
  bool ends_section = false;  // by a double bar or a repeat sign
  int passes = 0;             // how often a repeat that ends here is played; 0: none ends here
  std::vector<int> endings;   // the passes that an ending which begins here is for
  bool segno = false, coda = false, to_coda = false, fine = false, da_capo = false, dal_segno = false;
};

// The signs of several voices at the same bar.
Navigation merged(const Navigation& a, const Navigation& b);

// Which measures sound one after the other: repeats and endings written out, then D.C. or D.S. without repeats and by
// the last endings, or those that hold the fine or the way to the coda, and the coda with its own repeats. It stops at
// kMaxPlayedMeasures.
std::vector<std::size_t> play_order(std::span<const Navigation> measures);

// Measures [begin, end), whose repeats and jumps stay within them.
struct Section {
  std::size_t begin, end;
};

// The same of sections that are played one after the other; of all measures where there are none.
// Requires: sections within the measures.
std::vector<std::size_t> play_order(std::span<const Navigation> measures, std::span<const Section> sections);

}  // namespace continuo::notation
