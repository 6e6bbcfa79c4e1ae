#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "continuo/base/musical_place.h"
#include "continuo/tokens/length_meter.h"
#include "continuo/tokens/tokenizer.h"

namespace continuo::dataset {

// Where in the music the tokens of pieces are, by the tokenisation that made them. Immutable and thread-safe.
class MusicalPlaces {
 public:
  explicit MusicalPlaces(const tokens::Tokenizer& tokenizer) : start_(tokenizer.length_meter()) {}

  tokens::PositionRange range() const { return start_->position_range(); }
  // out[i] is the place of the token after piece[begin + i]. O(begin + out.size()), since it is counted from the start.
  // Requires: begin + out.size() <= piece.size().
  void read(std::span<const std::uint16_t> piece, std::size_t begin, std::span<MusicalPlace> out) const;

 private:
  std::unique_ptr<const tokens::LengthMeter> start_;
};

}  // namespace continuo::dataset
