#include "continuo/corpus/split.h"

#include <array>
#include <string>

namespace continuo::corpus {

std::string_view to_string(Split split) {
  constexpr std::array<std::string_view, kSplitCount> kNames = {"train", "validation", "test"};
  return kNames[static_cast<std::size_t>(split)];
}

Result<Split> split_from_string(std::string_view name) {
  for (const Split split : {Split::kTrain, Split::kValidation, Split::kTest})
    if (name == to_string(split)) return split;
  return Error{.code = ErrorCode::malformed, .what = "unknown split '" + std::string(name) + "'"};
}

}  // namespace continuo::corpus
