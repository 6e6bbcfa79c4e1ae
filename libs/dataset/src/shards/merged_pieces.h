#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "shards/piece_file.h"

namespace continuo::dataset {

// The records of all shards of a build in the order of the source's files. Memory: a block a shard.
class MergedPieces {
 public:
  struct Item {
    const PieceRecord* record = nullptr;
    std::span<const std::uint16_t> tokens;  // empty where tokens are skipped
  };

  // Errors: those of PieceFileReader.
  static Result<MergedPieces> open(const std::vector<std::filesystem::path>& files, PieceFileReader::Tokens tokens);

  // Valid until the next call. A record of null is the end. Errors: those of PieceFileReader::next.
  Result<Item> next();
  // What readers left out of all that has been read.
  const corpus::LeftOut& left_out() const { return left_out_; }

 private:
  struct Shard {
    std::unique_ptr<PieceFileReader> reader;
    PieceBlock* block = nullptr;
    std::size_t index = 0;
    std::uint64_t token = 0;

    PieceRecord* record() { return block == nullptr ? nullptr : &block->records[index]; }
    // To the next block when this one is used up. Adds what was left out of it.
    Status advance(corpus::LeftOut& left_out);
  };

  void choose_shard();

  std::vector<Shard> shards_;
  Shard* current_ = nullptr;
  std::uint32_t file_ = 0;
  bool has_tokens_ = false;
  PieceRecord held_;
  std::vector<std::uint16_t> held_tokens_;
  corpus::LeftOut left_out_;
};

}  // namespace continuo::dataset
