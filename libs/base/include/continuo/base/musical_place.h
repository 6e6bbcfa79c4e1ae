#pragma once

#include <cstdint>

namespace continuo {

// Where in the music the token that follows another one is, as a model reads it beside the token itself.
struct MusicalPlace {
  std::uint16_t in_bar = 0;  // steps since the bar line
  std::uint16_t slot = 0;    // which of a fixed row of tokens: the voice of chorale_grid

  friend bool operator==(const MusicalPlace&, const MusicalPlace&) = default;
};

}  // namespace continuo
