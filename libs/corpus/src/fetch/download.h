#pragma once

#include <filesystem>
#include <string>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"

namespace continuo::corpus {

// Makes `path` the file at `url` (http, https, file), over `path`.part, which a later call resumes if the server
// still has the same file. With `sha256` (64 hexadecimal digits, or empty) the bytes must agree. A transfer that breaks
// off is resumed as long as each attempt brings some bytes, three times without. Returns the file's SHA-256.
// Errors: io (host, server, checksum), not_found (HTTP 404), interrupted, no_space; the path is the URL where the
// network is at fault.
Result<std::string> download(const std::string& url, const std::filesystem::path& path, const std::string& sha256,
                             Progress& progress);

}  // namespace continuo::corpus
