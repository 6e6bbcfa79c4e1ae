#include "continuo/dataset/musical_places.h"

namespace continuo::dataset {

void MusicalPlaces::read(std::span<const std::uint16_t> piece, std::size_t begin, std::span<MusicalPlace> out) const {
  const auto meter = start_->clone();
  meter->reset();
  for (std::size_t i = 0; i < begin + out.size(); ++i) {
    meter->accept(TokenId{piece[i]});
    if (i >= begin) out[i - begin] = tokens::place_of(meter->position());
  }
}

}  // namespace continuo::dataset
