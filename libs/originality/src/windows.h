#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace continuo::originality {

// A window is so many notes in a row. Two are equal where the intervals between their notes are, in any key and at any
// tempo.
inline constexpr std::size_t kWindow = 8;
// Of so many windows that follow one another at least one is kept.
inline constexpr std::size_t kOneOf = 5;
// The shortest passage of which a window is kept wherever it comes, unless all its windows say nothing.
inline constexpr std::size_t kSurelyFound = kWindow + kOneOf - 1;
// A window of fewer different intervals is a scale, a trill or a figure that many pieces have, and says nothing.
inline constexpr std::size_t kLeastDifferent = 4;

struct Window {
  std::uint32_t hash = 0;  // of its intervals
  std::size_t begin = 0;   // its first note
  friend bool operator==(const Window&, const Window&) = default;
};

// The windows of a line that are kept. Which they are depends on the intervals nearby alone, so two lines that share a
// passage of kSurelyFound notes keep the same windows of it: those with the least hash of any kOneOf that follow one
// another. Source: Schleimer, Wilkerson and Aiken, "Winnowing", SIGMOD 2003.
std::vector<Window> kept_windows(std::span<const std::uint8_t> pitches);

}  // namespace continuo::originality
