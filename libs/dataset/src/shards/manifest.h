#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "continuo/base/result.h"
#include "continuo/dataset/filters.h"
#include "continuo/dataset/split.h"

namespace continuo::dataset {

inline constexpr std::string_view kManifestName = "manifest.json";
inline constexpr std::string_view kRejectsName = "rejects.csv";
inline constexpr int kMostShards = 99999;

// What a build makes, and of what: equal for all shards of it.
struct BuildDescription {
  std::string name, licence, layout, split_rule, source_fingerprint;
  std::uint64_t source_files = 0;
  std::uint64_t seed = 0;
  int transpose_down = 0, transpose_up = 0;
  Filters filters;
  std::map<std::string, std::uint64_t> skipped;  // by rules of the layout
  int vocabulary_size = 0;
  nlohmann::json tokenizer;
  friend bool operator==(const BuildDescription&, const BuildDescription&) = default;

  nlohmann::json to_json() const;
  // Errors: malformed, naming the field.
  static Result<BuildDescription> from_json(const nlohmann::json& object);
};

// A file of a data set as it was written.
struct FileSeal {
  std::string sha256;
  std::uint64_t bytes = 0;
  // Errors: not_found, io.
  static Result<FileSeal> of(const std::filesystem::path& path);
  friend bool operator==(const FileSeal&, const FileSeal&) = default;
};

// What is in a data set's manifest. Source: docs/formats/dataset.md, "Manifest".
struct Manifest {
  BuildDescription description;
  std::array<std::uint64_t, kSplitCount> pieces{}, tokens{};
  std::array<FileSeal, kSplitCount> token_files;
  FileSeal rejects_file;
  std::uint64_t notes = 0;
  std::map<std::string, std::uint64_t> rejects, skipped;

  std::string to_text() const;
  // Errors: wrong_format, unsupported (another version), malformed.
  static Result<Manifest> parse(std::string_view text);
};

// Errors: as parse(), and not_found, io; with the path.
Result<Manifest> read_manifest(const std::filesystem::path& path);

// "train.tokens"
std::string tokens_name(Split split);
// Whether a file of that name is part of a data set.
bool is_dataset_file(std::string_view name);

}  // namespace continuo::dataset
