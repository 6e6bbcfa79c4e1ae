#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/dataset/dataset.h"
#include "continuo/score/score.h"

namespace continuo::dataset {

inline constexpr std::string_view kJsbFileName = "Jsb16thSeparated.json";

// The chorales of one split of the JSB chorales on the grid of sixteenths, as four tracks from soprano to bass. A pitch
// that sounds on neighbouring steps is one note: the file does not tell it from repeated ones.
// Source: github.com/czhuang/JSB-Chorales-dataset, Jsb16thSeparated.json: {"train": [[[s, a, t, b], ...], ...],
// "valid", "test"}, -1 for silence. Errors: not_found, io, wrong_format, malformed (naming chorale and step).
Result<std::vector<score::Score>> read_jsb_chorales(const std::filesystem::path& path, Split split);

// "train", "valid", "test".
std::string_view jsb_split_name(Split split);

}  // namespace continuo::dataset
