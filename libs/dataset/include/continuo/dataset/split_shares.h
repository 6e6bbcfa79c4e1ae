#pragma once

#include <string>
#include <string_view>

#include "continuo/base/result.h"

namespace continuo::dataset {

// How much of a collection each split gets, where it has no official split. A split of 0 gets nothing.
struct SplitShares {
  int train = 80, validation = 10, test = 10;  // Units: percent. Range: train 1 to 100, the others 0 to 99; sum 100

  bool is_valid() const;
  std::string to_string() const;  // "80/10/10"
  // Errors: invalid_argument (another form, or out of range).
  static Result<SplitShares> parse(std::string_view text);
  friend bool operator==(const SplitShares&, const SplitShares&) = default;
};

}  // namespace continuo::dataset
