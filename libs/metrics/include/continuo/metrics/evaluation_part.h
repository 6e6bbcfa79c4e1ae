#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "continuo/base/result.h"
#include "continuo/metrics/evaluate.h"

namespace continuo::metrics {

// What one of several processes has measured of a split.
struct EvaluationPart {
  nlohmann::json question;  // an object: all that the figures depend on; the same in all parts
  std::size_t index = 0, count = 1;
  MeasuredPieces measured;
};

// The text of a JSON file. Numbers are written so that they are read again to the bit.
std::string to_text(const EvaluationPart& part);
// Errors: wrong_format (no such part), malformed (names the member), unsupported (another version).
Result<EvaluationPart> evaluation_part_of(std::string_view text);

// All parts of one evaluation as one, in any order: what one process measures of the whole split, to the bit. Seconds
// are those of all together. Errors: incompatible (parts of different questions; one that is missing or there twice),
// empty (none).
Result<EvaluationPart> merge_parts(std::span<const EvaluationPart> parts);

}  // namespace continuo::metrics
