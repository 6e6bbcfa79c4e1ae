#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "continuo/corpus/read_entry.h"
#include "continuo/dataset/split.h"

#include "pieces/piece_key.h"

namespace continuo::dataset {

// A piece as tokens, or the reason why it was rejected.
struct PieceRecord {
  enum class Kind : std::uint8_t {
    kListed,     // a file rejected before any was read
    kRejected,   // a file or piece that cannot be used
    kUnencoded,  // a piece that the tokenizer refused; it counts as one where splits and duplicates are found
    kPiece,
  };
  // The piece itself (semitones 0, the first), or it moved for training.
  struct Copy {
    int semitones = 0;
    std::uint32_t tokens = 0;  // 0: refused, with a reason
    std::string code, reason, where;
  };

  Kind kind = Kind::kPiece;
  std::uint32_t file = 0;      // its place in the sorted source
  std::optional<Split> split;  // the official one
  std::string name;
  PieceKey key;
  std::uint32_t notes = 0;
  std::uint32_t out_of_range = 0;   // moved copies that would leave the range of MIDI
  std::string code, reason, where;  // of a reject
  std::vector<Copy> copies;

  std::uint64_t token_count() const {
    std::uint64_t count = 0;
    for (const Copy& copy : copies) count += copy.tokens;
    return count;
  }
};

inline void add_counts(const corpus::LeftOut& more, corpus::LeftOut& sum) {
  for (const auto& [things, count] : more) sum[things] += count;
}

// What is between two safe points of a piece file: the records of some files, and their tokens in the records' order.
struct PieceBlock {
  std::vector<PieceRecord> records;
  std::vector<std::uint16_t> tokens;
  corpus::LeftOut left_out;     // of these files, by the reader
  std::uint32_t next_file = 0;  // all files of the shard before this one are done
};

}  // namespace continuo::dataset
