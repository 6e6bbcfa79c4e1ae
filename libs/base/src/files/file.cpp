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

// A device, a pipe or the like, also at the end of links: it is written to and never replaced.
bool is_stream(const fs::path& path) {
  std::error_code ignored;
  const fs::file_type type = fs::status(path, ignored).type();
  return type == fs::file_type::character || type == fs::file_type::block || type == fs::file_type::fifo ||
         type == fs::file_type::socket;
}

// Where the links of a path end. Links in a circle are left for the writing to fail on.
fs::path end_of_links(fs::path path) {
  constexpr int kMostLinks = 40;
  std::error_code error;
  for (int i = 0; i < kMostLinks && fs::is_symlink(path, error); ++i) {
    const fs::path target = fs::read_symlink(path, error);
    if (error) break;
    path = target.is_absolute() ? target : path.parent_path() / target;
  }
  return path;
}

Status copy_into_stream(const fs::path& from, const fs::path& stream) {
  const std::unique_ptr<std::FILE, FileCloser> source(std::fopen(from.c_str(), "rb"));
  std::unique_ptr<std::FILE, FileCloser> target(std::fopen(stream.c_str(), "wb"));
  if (!source || !target) return platform::error_from_errno(errno, stream, "cannot be written");
  std::vector<char> buffer(std::size_t{1} << 16);
  std::size_t count = 0;
  while ((count = std::fread(buffer.data(), 1, buffer.size(), source.get())) > 0) {
    if (std::fwrite(buffer.data(), 1, count, target.get()) < count) break;
  }
  const bool failed = std::ferror(source.get()) != 0 || std::ferror(target.get()) != 0;
  if (std::fclose(target.release()) != 0 || failed) {
    return platform::error_from_errno(errno, stream, "cannot be written");
  }
  return {};
}

// An output that is there keeps its permissions.
void copy_permissions(const fs::path& from, const fs::path& to) {
  std::error_code error;
  const fs::file_status status = fs::status(from, error);
  if (!error && fs::is_regular_file(status)) fs::permissions(to, status.permissions(), error);
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

AtomicFile::AtomicFile(fs::path path) : path_(is_stream(path) ? std::move(path) : end_of_links(std::move(path))) {
  const auto name = path_.stem().string() + ".partial-" + platform::unique_suffix() + path_.extension().string();
  std::error_code ignored;
  temporary_ = (is_stream(path_) ? fs::temp_directory_path(ignored) : path_.parent_path()) / name;
}

AtomicFile::~AtomicFile() {
  std::error_code ignored;
  if (!committed_) fs::remove(temporary_, ignored);
}

Status AtomicFile::commit() {
  if (is_stream(path_)) return copy_into_stream(temporary_, path_);
  copy_permissions(path_, temporary_);
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
  if (is_stream(path)) return {};  // opening one may wait for a reader
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
