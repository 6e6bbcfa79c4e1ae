#include "fetch/unpack.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <system_error>

#include <archive.h>
#include <archive_entry.h>

#include "continuo/base/platform/platform.h"

namespace continuo::corpus {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 18;

Error archive_error(struct archive* handle, const fs::path& path, ErrorCode otherwise) {
  const char* text = archive_error_string(handle);
  const int number = archive_errno(handle);
  if (number == ENOSPC || number == EDQUOT) return platform::error_from_errno(number, path, "cannot be unpacked");
  return {otherwise,
          "cannot be unpacked (" + std::string(text != nullptr ? text : "unknown reason") + ")",
          {},
          path.string()};
}

// An entry's place below the folder, or empty when it would lie elsewhere.
fs::path safe_place(const char* name, const fs::path& folder) {
  if (name == nullptr) return {};
  const fs::path relative = fs::path(name).lexically_normal();
  if (relative.empty() || relative.is_absolute() || *relative.begin() == "..") return {};
  return folder / relative;
}

class Unpacker {
 public:
  Unpacker(const fs::path& path, const fs::path& folder)
      : path_(path),
        folder_(folder),
        reader_(archive_read_new(), archive_read_free),
        writer_(archive_write_disk_new(), archive_write_free) {
    archive_read_support_filter_all(reader_.get());
    archive_read_support_format_zip(reader_.get());
    archive_read_support_format_tar(reader_.get());
    archive_write_disk_set_options(
        writer_.get(), ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_SYMLINKS);
  }

  Status run(Progress& progress) {
    if (archive_read_open_filename(reader_.get(), path_.c_str(), kReadBytes) != ARCHIVE_OK)
      return archive_error(reader_.get(), path_, ErrorCode::wrong_format);
    std::error_code ignored;
    const std::uint64_t size = fs::file_size(path_, ignored);
    while (true) {
      struct archive_entry* entry = nullptr;
      const int status = archive_read_next_header(reader_.get(), &entry);
      if (status == ARCHIVE_EOF) return {};
      if (status < ARCHIVE_WARN) return archive_error(reader_.get(), path_, ErrorCode::malformed);
      CONTINUO_TRY(write(entry));
      progress.update(std::uint64_t(archive_filter_bytes(reader_.get(), -1)), size, "unpacking");
      if (progress.stop_requested()) return Error{ErrorCode::interrupted, "stopped on request", {}, {}};
    }
  }

 private:
  Status write(struct archive_entry* entry) {
    const char* name = archive_entry_pathname(entry);
    const fs::path place = safe_place(name, folder_);
    const auto kind = archive_entry_filetype(entry);
    const bool allowed = (kind == AE_IFREG || kind == AE_IFDIR) && archive_entry_hardlink(entry) == nullptr;
    if (place.empty() || !allowed) {
      if (!place.empty() && kind == AE_IFLNK) return {};  // links inside are not music
      return Error{ErrorCode::malformed,
                   "holds an entry that may not be unpacked: " + std::string(name ? name : ""),
                   {},
                   path_.string()};
    }
    archive_entry_set_pathname(entry, place.c_str());
    archive_entry_set_perm(entry, kind == AE_IFDIR ? 0755 : 0644);
    if (archive_write_header(writer_.get(), entry) < ARCHIVE_WARN)
      return archive_error(writer_.get(), path_, ErrorCode::io);
    return copy_data();
  }

  Status copy_data() {
    while (true) {
      const void* bytes = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      const int status = archive_read_data_block(reader_.get(), &bytes, &size, &offset);
      if (status == ARCHIVE_EOF) break;
      if (status < ARCHIVE_WARN) return archive_error(reader_.get(), path_, ErrorCode::malformed);
      if (archive_write_data_block(writer_.get(), bytes, size, offset) < ARCHIVE_WARN)
        return archive_error(writer_.get(), path_, ErrorCode::io);
    }
    if (archive_write_finish_entry(writer_.get()) < ARCHIVE_WARN)
      return archive_error(writer_.get(), path_, ErrorCode::io);
    return {};
  }

  const fs::path& path_;
  const fs::path& folder_;
  std::unique_ptr<struct archive, int (*)(struct archive*)> reader_, writer_;
};

}  // namespace

bool is_archive_name(const fs::path& path) {
  constexpr std::array<std::string_view, 6> kEnds = {".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"};
  const std::string name = path.filename().string();
  return std::any_of(kEnds.begin(), kEnds.end(), [&](std::string_view end) { return name.ends_with(end); });
}

Status unpack(const fs::path& archive, const fs::path& folder, Progress& progress) {
  return Unpacker(archive, folder).run(progress);
}

}  // namespace continuo::corpus
