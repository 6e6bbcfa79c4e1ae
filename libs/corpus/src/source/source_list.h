#pragma once

#include <filesystem>

#include "continuo/base/result.h"
#include "continuo/corpus/source.h"

namespace continuo::corpus {

// The files that a text file names; see list_source(). What is listed but missing becomes a reject. Errors: not_found,
// io, empty, malformed (a path twice, a split that is none, splits for some only; names the line).
Result<Source> read_source_list(const std::filesystem::path& path);

}  // namespace continuo::corpus
