#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "continuo/base/file.h"
#include "continuo/base/result.h"
#include "continuo/base/token_id.h"
#include "continuo/dataset/split.h"

namespace continuo::dataset {

// The pieces of one split as token sequences, each with BOS before and EOS after them. Backed by memory-mapped
// shards: opening reads the index only. Immutable and thread-safe.
class TokenSequences {
 public:
  TokenSequences() = default;
  // Sequences held in memory, for small corpora and tests. Requires: as many names as pieces.
  static TokenSequences in_memory(std::vector<std::vector<std::uint16_t>> pieces, std::vector<std::string> names);

  std::size_t pieces() const { return pieces_.size(); }
  std::uint64_t tokens() const { return tokens_; }
  // Shape: [length of piece]. Tokens are stored in 16 bits up to a vocabulary of 65,536 words (see
  // docs/formats).
  std::span<const std::uint16_t> piece(std::size_t index) const { return pieces_[index]; }
  // Path of the file that the piece came from, relative to the source, plus "#n" for tune n of a book (from 1), plus
  // "@+n" or "@-n" for a copy moved by n semitones.
  const std::string& name(std::size_t index) const { return names_[index]; }

 private:
  friend class TokenDataset;
  std::vector<std::span<const std::uint16_t>> pieces_;
  std::vector<std::string> names_;
  std::vector<std::shared_ptr<const void>> owners_;  // of what the spans refer to
  std::uint64_t tokens_ = 0;
};

struct OpenOptions {
  // Also reads every token: ids are within the vocabulary, pieces begin with BOS and end with EOS. One pass at
  // the speed of memory (or of the disk, the first time); without it, opening reads the indices only.
  bool check_tokens = true;
};

// A folder that `continuo dataset build` made. A copy shares the mapped files.
class TokenDataset {
 public:
  // Errors: not_found, io, wrong_format (no manifest), unsupported (another version), malformed, truncated,
  // incompatible (shards that have not been merged, or files of different builds). The path is that of the file at
  // fault.
  static Result<TokenDataset> open(const std::filesystem::path& folder, OpenOptions options = {});

  const std::string& name() const { return name_; }
  const std::string& licence() const { return licence_; }
  const std::string& split_rule() const { return split_rule_; }  // "official", or "by content hash, 80/10/10"
  // Of the files that it was built from: 16 hexadecimal digits.
  const std::string& source_fingerprint() const { return source_fingerprint_; }
  const nlohmann::json& tokenizer() const { return tokenizer_; }
  int vocabulary_size() const { return vocabulary_size_; }
  const TokenSequences& split(Split which) const { return splits_[std::size_t(which)]; }

 private:
  std::string name_, licence_, split_rule_, source_fingerprint_;
  nlohmann::json tokenizer_;
  int vocabulary_size_ = 0;
  TokenSequences splits_[kSplitCount];
};

}  // namespace continuo::dataset
