#include "continuo/base/file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "continuo/base/platform/platform.h"

namespace continuo {
namespace fs = std::filesystem;
namespace {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

template <typename Bytes>
Result<Bytes> read_all(const fs::path& path, std::uint64_t limit_bytes) {
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "rb"));
  if (!file) return platform::error_from_errno(errno, path, "cannot be opened");
  std::error_code unknown;
  if (fs::is_directory(path, unknown)) return Error{ErrorCode::io, "is a folder, not a file", {}, path};
  const Error too_large{ErrorCode::too_large, "is larger than " + std::to_string(limit_bytes >> 20) + " MiB", {}, path};
  // Of pipes and the like the size is not known beforehand.
  const std::uintmax_t size = fs::file_size(path, unknown);
  if (!unknown && size > limit_bytes) return too_large;
  Bytes bytes;
  if (!unknown) bytes.resize(std::size_t(size) + 1);  // one more, so that one read finds the end
  std::size_t used = 0;
  while (true) {
    if (used == bytes.size()) bytes.resize(std::max<std::size_t>(2 * used, 1 << 16));
    const std::size_t wanted = bytes.size() - used;
    const std::size_t count = std::fread(bytes.data() + used, 1, wanted, file.get());
    used += count;
    if (used > limit_bytes) return too_large;
    if (count < wanted) break;
  }
  if (std::ferror(file.get())) return platform::error_from_errno(errno, path, "cannot be read");
  bytes.resize(used);
  return bytes;
}

}  // namespace

Result<std::vector<std::uint8_t>> read_file(const fs::path& path, std::uint64_t limit_bytes) {
  return read_all<std::vector<std::uint8_t>>(path, limit_bytes);
}

Result<std::string> read_text_file(const fs::path& path, std::uint64_t limit_bytes) {
  return read_all<std::string>(path, limit_bytes);
}

Status write_file(const fs::path& path, std::span<const std::uint8_t> bytes) {
  AtomicFile file(path);
  if (auto written = platform::write_and_sync(file.temporary_path(), bytes); !written.ok()) {
    Error error = written.error();
    error.path = path;  // people know the final name
    return error;
  }
  return file.commit();
}

Status write_file(const fs::path& path, std::string_view text) {
  return write_file(path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

AtomicFile::AtomicFile(fs::path path) : path_(std::move(path)) {
  const auto name = path_.stem().string() + ".partial-" + platform::unique_suffix() + path_.extension().string();
  temporary_ = path_.parent_path() / name;
}

AtomicFile::~AtomicFile() {
  std::error_code ignored;
  if (!committed_) fs::remove(temporary_, ignored);
}

Status AtomicFile::commit() {
  for (const auto& status : {platform::sync_file(temporary_), platform::rename_over(temporary_, path_)}) {
    if (!status.ok()) {
      Error error = status.error();
      error.path = path_;
      return error;
    }
  }
  committed_ = true;
  return {};
}

Status check_writable(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return Error{ErrorCode::io, "is a folder, not a file", {}, path};
  const AtomicFile probe(path);
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(probe.temporary_path().c_str(), "wb"));
  if (!file) return platform::error_from_errno(errno, path, "cannot be written");
  return {};
}

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const fs::path& path) {
  CONTINUO_ASSIGN(const auto bytes, platform::map_file(path));
  std::shared_ptr<MappedFile> file(new MappedFile);
  file->bytes_ = bytes;
  return std::shared_ptr<const MappedFile>(std::move(file));
}

MappedFile::~MappedFile() { platform::unmap_file(bytes_); }

}  // namespace continuo
