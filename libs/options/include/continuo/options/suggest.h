#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace continuo::options {

// The candidate that was probably meant by a mistyped word: of those at most a third of its letters away, counted in
// letters that are added, left out, replaced or swapped with a neighbour, the nearest; else the only one that begins
// with the word. Nothing where no candidate is that near. Source: Damerau (1964), optimal string alignment distance.
std::optional<std::string> closest(std::string_view word, std::span<const std::string> candidates);

}  // namespace continuo::options
