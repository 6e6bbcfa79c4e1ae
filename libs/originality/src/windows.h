#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace continuo::originality {

// Of so many windows that follow one another at least one is kept.
inline constexpr std::size_t kOneOf = 5;
// A window of fewer different intervals is a scale, a trill or a figure that many pieces have, and says nothing.
inline constexpr std::size_t kLeastDifferent = 4;

// A window is so many notes in a row. Two are equal where the intervals between their notes are, in any key and at any
// tempo.
struct WindowKind {
  std::size_t notes;
  int hash_bits;  // Range: 1 to 64
  // The shortest passage of which a window is kept wherever it comes, unless all its windows say nothing.
  constexpr std::size_t surely_found() const { return notes + kOneOf - 1; }
};
// An index has the notes of each hash; a sketch has hashes alone, which have to be of a whole passage.
inline constexpr WindowKind kIndexed = {8, 32};
inline constexpr WindowKind kSketched = {16, 36};

struct Window {
  std::uint64_t hash = 0;  // of its intervals
  std::size_t begin = 0;   // its first note
  friend bool operator==(const Window&, const Window&) = default;
};

// The windows of a line that are kept. Which they are depends on the intervals nearby alone, so two lines that share a
// passage of surely_found() notes keep the same windows of it: those with the least hash of any kOneOf that follow one
// another. Source: Schleimer, Wilkerson and Aiken, "Winnowing", SIGMOD 2003.
std::vector<Window> kept_windows(std::span<const std::uint8_t> pitches, WindowKind kind = kIndexed);

}  // namespace continuo::originality
