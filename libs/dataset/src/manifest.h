#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "continuo/base/result.h"
#include "continuo/dataset/dataset.h"

namespace continuo::dataset {

inline constexpr int kMostShards = 99999;

// What a folder of tokens says about itself, one for each shard. Source: docs/formats/dataset.md, "Manifest".
struct Manifest {
  std::string name, licence, layout, split_rule;
  std::string source_fingerprint;  // of the list of files and their splits
  std::uint64_t seed = 0;
  nlohmann::json tokenizer;
  int vocabulary_size = 0;
  int transpose_down = 0, transpose_up = 0;
  int shard_index = 0, shard_count = 1;
  std::array<std::uint64_t, kSplitCount> pieces{}, tokens{};
  std::uint64_t files = 0, notes = 0;
  std::map<std::string, std::uint64_t> rejects, skipped;

  std::string to_text() const;
  // Errors: wrong_format (not a data set's manifest), unsupported (another version), malformed.
  static Result<Manifest> parse(std::string_view text);
  // Whether both are shards of one build: all is equal but what counts the shard's own files.
  bool same_build(const Manifest& other) const;
};

// Errors: those of parse, and of reading; each with the path.
Result<Manifest> read_manifest(const std::filesystem::path& path);

std::string manifest_name(int shard_index, int shard_count);
std::string rejects_name(int shard_index, int shard_count);
std::string tokens_name(Split split, int shard_index, int shard_count);
// Whether a data set's folder may hold a file of this name.
bool is_dataset_file(std::string_view name);
bool is_manifest(std::string_view name);

}  // namespace continuo::dataset
