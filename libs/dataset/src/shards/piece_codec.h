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

// What was left out of a block's files, after its records.
void append_left_out(const corpus::LeftOut& left_out, std::vector<std::uint8_t>& bytes);
// Takes it all. Errors: malformed, without path and place.
Result<corpus::LeftOut> take_left_out(std::span<const std::uint8_t>& bytes);

}  // namespace continuo::dataset
