#include "continuo/dataset/content_hash.h"

#include <cstddef>
#include <span>

namespace continuo::dataset {

std::uint64_t content_hash(const TokenSequences& pieces, std::uint64_t basis) {
  for (std::size_t i = 0; i < pieces.pieces(); ++i) {
    const auto bytes = std::as_bytes(pieces.piece(i));
    basis = fnv1a(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), basis);
  }
  return basis;
}

}  // namespace continuo::dataset
