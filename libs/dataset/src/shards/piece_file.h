#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "continuo/base/result.h"

#include "shards/piece_record.h"

namespace continuo::dataset {

// Writes the result of reading a collection, in the order of its files, so that whatever process ends it can be
// continued. Source: docs/formats/dataset.md, "Piece files".
class PieceFileWriter {
 public:
  // Errors: io, no_space.
  static Result<PieceFileWriter> create(const std::filesystem::path& path, const nlohmann::json& header);
  // Resumes after the last whole block of a file that has exactly this header; whatever follows is cut off. Nothing
  // when there is no such file. Errors: io, no_space.
  static Result<std::optional<PieceFileWriter>> resume(const std::filesystem::path& path, const nlohmann::json& header);

  std::uint32_t next_file() const { return block_.next_file; }
  std::uint64_t resumed_pieces() const { return resumed_pieces_; }
  // The result of one more file, and which file comes next.
  void add(std::vector<PieceRecord>&& records, std::span<const std::uint16_t> tokens, const corpus::LeftOut& left_out,
           std::uint32_t next_file);
  // Writes a block when enough has been added. Errors: io, no_space.
  Status flush_when_full();
  // Writes what has been added as a block. Errors: likewise.
  Status flush() { return write_block(false); }
  // Marks the file as complete, unless it is already. Nothing may follow. Does not wait for the disk.
  Status finish();

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  PieceFileWriter() = default;
  Status open(const std::filesystem::path& path, const char* mode);
  Status write(std::span<const std::uint8_t> bytes);
  Status write_block(bool last);

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, Closer> file_;
  PieceBlock block_;
  std::uint64_t resumed_pieces_ = 0;
  bool complete_ = false;
};

// Reads a piece file block by block. Memory: one block.
class PieceFileReader {
 public:
  enum class Tokens { kRead, kSkip };
  // Errors: not_found, io, wrong_format, unsupported (another version), truncated, malformed.
  static Result<PieceFileReader> open(const std::filesystem::path& path, Tokens tokens);

  const nlohmann::json& header() const { return header_; }
  // The next block, the caller's to change, or nullptr after the last; valid until the next call. Errors: truncated,
  // malformed, io.
  Result<PieceBlock*> next();
  // Whether the mark of a complete file has been read.
  bool complete() const { return complete_; }
  // Of the first byte after the blocks that have been read whole.
  std::uint64_t offset() const { return offset_; }

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  PieceFileReader() = default;
  Status read(std::span<std::uint8_t> bytes);
  Status read_header();
  Status read_block();
  Error broken(std::string what) const;

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, Closer> file_;
  std::uint64_t size_ = 0, offset_ = 0;
  Tokens tokens_ = Tokens::kRead;
  nlohmann::json header_;
  PieceBlock block_;
  std::vector<std::uint8_t> scratch_;
  bool complete_ = false;
};

}  // namespace continuo::dataset
