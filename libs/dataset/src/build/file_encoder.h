#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "continuo/corpus/read_entry.h"
#include "continuo/corpus/source.h"
#include "continuo/dataset/build_options.h"
#include "continuo/score/score.h"
#include "continuo/tokens/tokenizer.h"

#include "shards/piece_file.h"

namespace continuo::dataset {

// Semitones by which copies of this piece are stored for training: none for drums.
std::vector<int> moves_of(const score::Score& score, const BuildOptions& options);

// Whether this source's pieces are filtered.
bool is_filtered(const corpus::Source& source, const Filters& filters);

// Turns one file of a source into records. Thread-safe.
class FileEncoder {
 public:
  struct Encoded {
    std::vector<PieceRecord> records;
    std::vector<std::uint16_t> tokens;
    corpus::LeftOut left_out;
  };

  // Requires: all outlive this.
  FileEncoder(const BuildOptions& options, const corpus::Source& source, const tokens::Tokenizer& tokenizer)
      : options_(options), source_(source), tokenizer_(tokenizer) {}

  Encoded encode(std::size_t file) const;

 private:
  void encode_piece(const score::Score& score, PieceRecord&& record, Encoded& encoded) const;
  void encode_copies(const score::Score& score, PieceRecord& record, std::vector<std::uint16_t>& tokens) const;
  bool may_train(const PieceRecord& record) const;
  Result<std::uint32_t> append_tokens(const score::Score& score, std::vector<std::uint16_t>& tokens) const;

  const BuildOptions& options_;
  const corpus::Source& source_;
  const tokens::Tokenizer& tokenizer_;
  // While none has been seen, any piece may become the one that the training part must not be without.
  mutable std::atomic<bool> training_seen_{false};
};

}  // namespace continuo::dataset
