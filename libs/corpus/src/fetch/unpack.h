#pragma once

#include <filesystem>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"

namespace continuo::corpus {

// Whether a file of that name is unpacked: .zip, .tar, .tar.gz, .tgz, .tar.bz2, .tar.xz.
bool is_archive_name(const std::filesystem::path& path);

// Puts an archive's files and folders into `folder`, which must exist. Entries that would lie outside of it, links out
// of it and devices are refused. Errors: not_found, wrong_format, malformed, truncated, io, no_space, interrupted.
Status unpack(const std::filesystem::path& archive, const std::filesystem::path& folder, Progress& progress);

}  // namespace continuo::corpus
