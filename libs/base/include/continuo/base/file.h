#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"

namespace continuo {

// The whole of a file. Errors: not_found, io, and too_large beyond `limit_bytes` (nothing is read then).
inline constexpr std::uint64_t kNoLimit = ~std::uint64_t{0};
Result<std::vector<std::uint8_t>> read_file(const std::filesystem::path& path, std::uint64_t limit_bytes = kNoLimit);
Result<std::string> read_text_file(const std::filesystem::path& path, std::uint64_t limit_bytes = kNoLimit);

// Makes `path` hold exactly these bytes, or leaves what was there untouched: they reach the disk in a temporary file
// beside it, which is renamed over it. Links are followed, permissions kept; devices and pipes are written through.
// Errors: io, no_space, not_found (no such folder).
Status write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);
Status write_file(const std::filesystem::path& path, std::string_view text);

// The same promise for libraries that want a file name of their own to write to. Until commit() the content
// lives in temporary_path(); without commit() the destructor removes it. Not copyable.
class AtomicFile {
 public:
  // `path` is the final name. Nothing is created yet.
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  // Keeps the final name's extension, since many libraries choose a format by it.
  const std::filesystem::path& temporary_path() const { return temporary_; }
  // Errors: io, no_space.
  Status commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  bool committed_ = false;
};

// Says early whether an output can be written: its folder exists and lets us create a file.
Status check_writable(const std::filesystem::path& path);

// A file's bytes by the page cache: opening costs no read. Thread-safe to read. Shared, never copied.
class MappedFile {
 public:
  static Result<std::shared_ptr<const MappedFile>> open(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::span<const std::uint8_t> bytes() const { return bytes_; }

 private:
  MappedFile() = default;
  std::span<const std::uint8_t> bytes_;
};

}  // namespace continuo
