#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "continuo/base/result.h"

#include "shards/piece_record.h"

namespace continuo::dataset {

// Records as a piece file's bytes. Source: docs/formats/dataset.md, "Piece files".
void append_record(const PieceRecord& record, std::vector<std::uint8_t>& bytes);
// Takes one record off the front of `bytes`. Errors: malformed, without path and place.
Result<PieceRecord> take_record(std::span<const std::uint8_t>& bytes);

}  // namespace continuo::dataset
