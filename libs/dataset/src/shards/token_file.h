#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "continuo/base/file.h"
#include "continuo/base/result.h"

namespace continuo::dataset {

// Source: docs/formats/dataset.md, "Token files".
inline constexpr std::size_t kTokenFileHeaderBytes = 64;
inline constexpr int kLargestVocabulary = 65536;

// Writes one token file in constant memory: index and names wait in files beside it until all tokens are there.
class TokenFileWriter {
 public:
  // Errors: io, no_space.
  static Result<TokenFileWriter> create(std::filesystem::path path, int vocabulary_size);

  // Requires: tokens.size() >= 2, ids within the vocabulary. `file_index` never falls from one call to the
  // next.
  Status add(std::uint32_t file_index, const std::string& name, std::span<const std::uint16_t> tokens);
  // Writes index, names and header. Nothing may follow. Does not wait for the disk.
  Status finish();

  std::uint64_t pieces() const { return pieces_; }
  std::uint64_t tokens() const { return tokens_; }

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, Closer>;
  TokenFileWriter() = default;
  Result<File> open(const std::filesystem::path& path) const;
  Status write(File& file, std::span<const std::uint8_t> bytes) const;
  // Appends one of the waiting files and removes it.
  Status take_in(File& waiting, const std::filesystem::path& path);
  std::filesystem::path index_path() const { return path_.string() + ".index"; }
  std::filesystem::path names_path() const { return path_.string() + ".names"; }

  std::filesystem::path path_;
  File file_, index_, names_;
  std::uint32_t vocabulary_size_ = 0;
  std::uint64_t pieces_ = 0, tokens_ = 0, names_bytes_ = 0;
};

// A token file, mapped, with its index checked.
struct TokenFile {
  std::shared_ptr<const MappedFile> file;
  std::uint32_t vocabulary_size = 0;
  std::uint64_t tokens = 0;
  std::vector<std::span<const std::uint16_t>> pieces;
  std::vector<std::string> names;
  std::vector<std::uint32_t> file_indices;
};

// Errors: not_found, io, wrong_format, unsupported (another version), truncated, malformed; each with the path.
// With `check_tokens` also that every id is in the vocabulary and that pieces begin with BOS and end with EOS,
// which reads the whole file.
Result<TokenFile> read_token_file(const std::filesystem::path& path, bool check_tokens);

}  // namespace continuo::dataset
