#include "continuo/dataset/split_shares.h"

#include <charconv>

namespace continuo::dataset {
namespace {

// Takes a whole number and, unless it is the last, a '/' off the front of the text.
bool take_share(std::string_view& text, bool last, int& share) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), share);
  if (read.ec != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  if (last) return text.empty();
  if (!text.starts_with('/')) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

bool SplitShares::is_valid() const {
  const bool in_range = train >= 1 && train <= 100 && validation >= 0 && validation <= 99 && test >= 0 && test <= 99;
  return in_range && train + validation + test == 100;
}

std::string SplitShares::to_string() const {
  return std::to_string(train) + "/" + std::to_string(validation) + "/" + std::to_string(test);
}

Result<SplitShares> SplitShares::parse(std::string_view text) {
  SplitShares shares;
  std::string_view rest = text;
  const bool whole = take_share(rest, false, shares.train) && take_share(rest, false, shares.validation) &&
                     take_share(rest, true, shares.test);
  if (whole && shares.is_valid()) return shares;
  return Error{.code = ErrorCode::invalid_argument,
               .what = "'" + std::string(text) +
                       "' is not TRAIN/VALIDATION/TEST: whole percentages that sum to 100, such as 80/10/10"};
}

}  // namespace continuo::dataset
