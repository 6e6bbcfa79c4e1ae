#include "manifest.h"

#include <algorithm>
#include <cstdio>
#include <type_traits>

#include "continuo/base/file.h"

#include "token_file.h"

namespace continuo::dataset {
namespace {

using nlohmann::json;

constexpr std::string_view kFormat = "continuo-dataset";
constexpr int kVersion = 1;
constexpr std::uint64_t kLimitBytes = std::uint64_t{256} << 20;

std::string shard_suffix(int index, int count) {
  char text[32];
  std::snprintf(text, sizeof text, "%05d-of-%05d", index, count);
  return text;
}

// Reads fields of one object, remembering the first that is missing or of another kind.
class Fields {
 public:
  explicit Fields(const json& object) : object_(object) {}

  template <typename T>
  void read(const char* key, T& value) {
    const auto found = object_.find(key);
    if (found == object_.end() || !fits<T>(*found)) return fail(key);
    value = found->template get<T>();
  }

  void read_counts(const char* key, std::map<std::string, std::uint64_t>& counts) {
    const auto found = object_.find(key);
    if (found == object_.end() || !found->is_object()) return fail(key);
    for (const auto& [name, count] : found->items()) {
      if (!count.is_number_unsigned()) return fail(key);
      counts[name] = count.get<std::uint64_t>();
    }
  }

  void fail(const std::string& key) {
    if (failed_.empty()) failed_ = key;
  }
  const std::string& failed() const { return failed_; }

 private:
  template <typename T>
  static bool fits(const json& value) {
    if constexpr (std::is_same_v<T, std::string>) return value.is_string();
    if constexpr (std::is_same_v<T, std::uint64_t>) return value.is_number_unsigned();
    if constexpr (std::is_same_v<T, int>)
      return value.is_number_unsigned() && value.get<std::uint64_t>() <= std::uint64_t{1} << 30;
    if constexpr (std::is_same_v<T, json>) return value.is_object();
  }

  const json& object_;
  std::string failed_;
};

void read_splits(Fields& fields, Manifest& manifest) {
  json splits;
  fields.read("splits", splits);
  for (int i = 0; i < kSplitCount && splits.is_object(); ++i) {
    const auto split = Split(i);
    const auto found = splits.find(std::string(to_string(split)));
    if (found == splits.end() || !found->is_object()) return fields.fail("splits");
    Fields part(*found);
    std::string file;
    part.read("file", file);
    part.read("pieces", manifest.pieces[std::size_t(i)]);
    part.read("tokens", manifest.tokens[std::size_t(i)]);
    const bool named = file == tokens_name(split, manifest.shard_index, manifest.shard_count);
    if (!part.failed().empty() || !named) fields.fail("splits");
  }
}

bool has_possible_counts(const Manifest& manifest) {
  return manifest.shard_count >= 1 && manifest.shard_count <= kMostShards &&
         manifest.shard_index < manifest.shard_count && manifest.vocabulary_size >= 1 &&
         manifest.vocabulary_size <= kLargestVocabulary;
}

}  // namespace

std::string Manifest::to_text() const {
  nlohmann::ordered_json out;
  out["format"] = kFormat;
  out["version"] = kVersion;
  out["name"] = name;
  out["licence"] = licence;
  out["layout"] = layout;
  out["split_rule"] = split_rule;
  out["seed"] = seed;
  out["source_fingerprint"] = source_fingerprint;
  out["options"] = {{"transpose_down", transpose_down}, {"transpose_up", transpose_up}};
  out["shard"] = {{"index", shard_index}, {"count", shard_count}};
  for (int i = 0; i < kSplitCount; ++i) {
    out["splits"][std::string(to_string(Split(i)))] = {{"file", tokens_name(Split(i), shard_index, shard_count)},
                                                       {"pieces", pieces[std::size_t(i)]},
                                                       {"tokens", tokens[std::size_t(i)]}};
  }
  out["files"] = files;
  out["notes"] = notes;
  out["rejects"] = rejects;
  out["skipped"] = skipped;
  out["vocabulary_size"] = vocabulary_size;
  out["tokenizer"] = tokenizer;
  return out.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<Manifest> Manifest::parse(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object() || object.value("format", json()) != json(kFormat))
    return Error{ErrorCode::wrong_format, "is not the manifest of a data set", {}, {}};
  if (object.value("version", json()) != json(kVersion)) {
    return Error{ErrorCode::unsupported, "has format version " + object.value("version", json()).dump(), {}, {}};
  }
  Manifest manifest;
  Fields fields(object);
  json options, shard;
  fields.read("name", manifest.name);
  fields.read("licence", manifest.licence);
  fields.read("layout", manifest.layout);
  fields.read("split_rule", manifest.split_rule);
  fields.read("source_fingerprint", manifest.source_fingerprint);
  fields.read("seed", manifest.seed);
  fields.read("files", manifest.files);
  fields.read("notes", manifest.notes);
  fields.read("vocabulary_size", manifest.vocabulary_size);
  fields.read("tokenizer", manifest.tokenizer);
  fields.read_counts("rejects", manifest.rejects);
  fields.read_counts("skipped", manifest.skipped);
  fields.read("options", options);
  fields.read("shard", shard);
  Fields option_fields(options), shard_fields(shard);
  option_fields.read("transpose_down", manifest.transpose_down);
  option_fields.read("transpose_up", manifest.transpose_up);
  shard_fields.read("index", manifest.shard_index);
  shard_fields.read("count", manifest.shard_count);
  read_splits(fields, manifest);
  for (const std::string& failed : {fields.failed(), option_fields.failed(), shard_fields.failed()}) {
    if (!failed.empty()) return Error{ErrorCode::malformed, "lacks '" + failed + "', or has it wrong", {}, {}};
  }
  if (!has_possible_counts(manifest)) return Error{ErrorCode::malformed, "has impossible counts", {}, {}};
  return manifest;
}

bool Manifest::same_build(const Manifest& other) const {
  return name == other.name && licence == other.licence && layout == other.layout && split_rule == other.split_rule &&
         source_fingerprint == other.source_fingerprint && seed == other.seed && tokenizer == other.tokenizer &&
         vocabulary_size == other.vocabulary_size && transpose_down == other.transpose_down &&
         transpose_up == other.transpose_up && shard_count == other.shard_count;
}

Result<Manifest> read_manifest(const std::filesystem::path& path) {
  CONTINUO_ASSIGN(const std::string text, read_text_file(path, kLimitBytes));
  auto manifest = Manifest::parse(text);
  if (!manifest.ok()) return manifest.error().in_file(path.string());
  return manifest;
}

std::string manifest_name(int shard_index, int shard_count) {
  if (shard_count == 1) return "manifest.json";
  return "manifest-" + shard_suffix(shard_index, shard_count) + ".json";
}

std::string rejects_name(int shard_index, int shard_count) {
  if (shard_count == 1) return "rejects.csv";
  return "rejects-" + shard_suffix(shard_index, shard_count) + ".csv";
}

std::string tokens_name(Split split, int shard_index, int shard_count) {
  return std::string(to_string(split)) + "-" + shard_suffix(shard_index, shard_count) + ".tokens";
}

bool is_manifest(std::string_view name) { return is_dataset_file(name) && name.starts_with("manifest"); }

bool is_dataset_file(std::string_view name) {
  std::string pattern(name);
  std::replace_if(
      pattern.begin(), pattern.end(), [](char c) { return c >= '1' && c <= '9'; }, '0');
  if (pattern == manifest_name(0, 1) || pattern == rejects_name(0, 1)) return true;
  if (pattern == "manifest-00000-of-00000.json" || pattern == "rejects-00000-of-00000.csv") return true;
  for (int i = 0; i < kSplitCount; ++i)
    if (pattern == tokens_name(Split(i), 0, 0)) return true;
  return false;
}

}  // namespace continuo::dataset
