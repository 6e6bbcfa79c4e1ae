#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/corpus/split.h"
#include "continuo/score/score.h"

namespace continuo::corpus {

inline constexpr std::string_view kJsbFileName = "Jsb16thSeparated.json";

// The chorales of one split of the JSB chorales on the grid of sixteenths, as four tracks from soprano to bass. A pitch
// that sounds on neighbouring steps is one note: the file has no difference between a held and a repeated one.
// Source: github.com/czhuang/JSB-Chorales-dataset, Jsb16thSeparated.json: {"train": [[[s, a, t, b], ...], ...],
// "valid", "test"}, -1 for silence. `name` is that of a split in the file, see jsb_split_name(). Errors: not_found, io,
// wrong_format, malformed (naming chorale and step).
Result<std::vector<score::Score>> read_jsb_chorales(const std::filesystem::path& path, std::string_view name);

// "train", "valid", "test".
std::string_view jsb_split_name(Split split);

}  // namespace continuo::corpus
