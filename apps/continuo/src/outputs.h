#pragma once

#include <filesystem>

#include "continuo/base/result.h"
#include "continuo/score/score.h"

namespace continuo::app {

// Writes the score in the form that the extension asks for: notation (.mid), sound (.wav) or picture (.png,
// .svg). Errors: unsupported (extension), and those of the writer; they carry the path.
Status write_any(const score::Score& score, const std::filesystem::path& path);

}  // namespace continuo::app
