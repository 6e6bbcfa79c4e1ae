#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "continuo/base/result.h"

#include "piece_file.h"

namespace continuo::dataset {

// Records as a piece file's bytes. Source: docs/formats/dataset.md, "Piece files".
void append_record(const PieceRecord& record, std::vector<std::uint8_t>& bytes);
// Takes one record off the front of `bytes`. Errors: malformed, without path and place.
Result<PieceRecord> take_record(std::span<const std::uint8_t>& bytes);

template <typename T>
void append_number(T value, std::vector<std::uint8_t>& bytes) {
  for (std::size_t i = 0; i < sizeof value; ++i) bytes.push_back(std::uint8_t(std::uint64_t(value) >> (8 * i)));
}

// Requires: bytes.size() >= sizeof(T).
template <typename T>
T take_number(std::span<const std::uint8_t>& bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  bytes = bytes.subspan(sizeof(T));
  return T(value);
}

}  // namespace continuo::dataset
