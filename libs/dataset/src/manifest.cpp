#include "manifest.h"

#include <system_error>
#include <type_traits>

#include "continuo/base/checksum.h"
#include "continuo/base/file.h"

#include "token_file.h"

namespace continuo::dataset {
namespace {

using nlohmann::json;

constexpr std::string_view kFormat = "continuo-dataset";
constexpr int kVersion = 2;
constexpr std::uint64_t kLimitBytes = std::uint64_t{256} << 20;

// Reads fields of one object, remembering the first that is missing or of another kind.
class Fields {
 public:
  explicit Fields(const json& object) : object_(object) {}

  template <typename T>
  void read(const char* key, T& value) {
    const auto found = object_.is_object() ? object_.find(key) : object_.end();
    if (found == object_.end() || !fits<T>(*found)) return fail(key);
    value = found->template get<T>();
  }

  void read_counts(const char* key, std::map<std::string, std::uint64_t>& counts) {
    json object;
    read(key, object);
    for (const auto& [name, count] : object.items()) {
      if (!count.is_number_unsigned()) return fail(key);
      counts[name] = count.get<std::uint64_t>();
    }
  }

  Fields part(const char* key) {
    const auto found = object_.is_object() ? object_.find(key) : object_.end();
    if (found != object_.end() && found->is_object()) return Fields(*found);
    fail(key);
    return Fields(object_);
  }
  void take_failure(const Fields& part) {
    if (!part.failed_.empty()) fail(part.failed_);
  }

  void fail(const std::string& key) {
    if (failed_.empty()) failed_ = key;
  }
  Status status() const {
    if (failed_.empty()) return {};
    return Error{ErrorCode::malformed, "lacks '" + failed_ + "', or has it wrong", {}, {}};
  }

 private:
  template <typename T>
  static bool fits(const json& value) {
    if constexpr (std::is_same_v<T, std::string>) return value.is_string();
    if constexpr (std::is_same_v<T, std::uint64_t>) return value.is_number_unsigned();
    if constexpr (std::is_same_v<T, int> || std::is_same_v<T, std::uint32_t>)
      return value.is_number_unsigned() && value.get<std::uint64_t>() <= std::uint64_t{1} << 30;
    if constexpr (std::is_same_v<T, double>) return value.is_number();
    if constexpr (std::is_same_v<T, bool>) return value.is_boolean();
    if constexpr (std::is_same_v<T, json>) return value.is_object();
  }

  const json& object_;
  std::string failed_;
};

json to_json(const Filters& filters) {
  return {{"min_notes", filters.min_notes},     {"min_seconds", filters.min_seconds},
          {"min_pitches", filters.min_pitches}, {"corrupt_meter", filters.corrupt_meter},
          {"duplicates", filters.duplicates},   {"official", filters.official}};
}

void read_options(Fields& fields, BuildDescription& description) {
  Fields options = fields.part("options");
  options.read("transpose_down", description.transpose_down);
  options.read("transpose_up", description.transpose_up);
  Filters& filters = description.filters;
  Fields filter_fields = options.part("filters");
  filter_fields.read("min_notes", filters.min_notes);
  filter_fields.read("min_seconds", filters.min_seconds);
  filter_fields.read("min_pitches", filters.min_pitches);
  filter_fields.read("corrupt_meter", filters.corrupt_meter);
  filter_fields.read("duplicates", filters.duplicates);
  filter_fields.read("official", filters.official);
  options.take_failure(filter_fields);
  fields.take_failure(options);
}

void read_seal(Fields& fields, FileSeal& seal) {
  fields.read("bytes", seal.bytes);
  fields.read("sha256", seal.sha256);
}

void read_splits(Fields& fields, Manifest& manifest) {
  Fields splits = fields.part("splits");
  for (std::size_t i = 0; i < kSplitCount; ++i) {
    Fields split = splits.part(std::string(to_string(Split(i))).c_str());
    std::string file;
    split.read("file", file);
    if (file != tokens_name(Split(i))) split.fail("file");
    split.read("pieces", manifest.pieces[i]);
    split.read("tokens", manifest.tokens[i]);
    read_seal(split, manifest.token_files[i]);
    splits.take_failure(split);
  }
  fields.take_failure(splits);
}

}  // namespace

json BuildDescription::to_json() const {
  return {
      {"name", name},
      {"licence", licence},
      {"layout", layout},
      {"split_rule", split_rule},
      {"source_fingerprint", source_fingerprint},
      {"source_files", source_files},
      {"seed", seed},
      {"options",
       {{"transpose_down", transpose_down}, {"transpose_up", transpose_up}, {"filters", dataset::to_json(filters)}}},
      {"skipped", skipped},
      {"vocabulary_size", vocabulary_size},
      {"tokenizer", tokenizer}};
}

Result<BuildDescription> BuildDescription::from_json(const json& object) {
  BuildDescription description;
  Fields fields(object);
  fields.read("name", description.name);
  fields.read("licence", description.licence);
  fields.read("layout", description.layout);
  fields.read("split_rule", description.split_rule);
  fields.read("source_fingerprint", description.source_fingerprint);
  fields.read("source_files", description.source_files);
  fields.read("seed", description.seed);
  fields.read("vocabulary_size", description.vocabulary_size);
  fields.read("tokenizer", description.tokenizer);
  fields.read_counts("skipped", description.skipped);
  read_options(fields, description);
  if (description.vocabulary_size < 1 || description.vocabulary_size > kLargestVocabulary)
    fields.fail("vocabulary_size");
  CONTINUO_TRY(fields.status());
  return description;
}

Result<FileSeal> FileSeal::of(const std::filesystem::path& path) {
  FileSeal seal;
  CONTINUO_ASSIGN(seal.sha256, sha256_of_file(path));
  std::error_code code;
  seal.bytes = std::filesystem::file_size(path, code);
  if (code) return Error{ErrorCode::io, "cannot be read (" + code.message() + ")", {}, path.string()};
  return seal;
}

std::string Manifest::to_text() const {
  nlohmann::ordered_json out;
  out["format"] = kFormat;
  out["version"] = kVersion;
  json built = description.to_json();
  for (const char* key :
       {"name", "licence", "layout", "split_rule", "seed", "source_fingerprint", "source_files", "options"})
    out[key] = built[key];
  for (std::size_t i = 0; i < kSplitCount; ++i) {
    out["splits"][std::string(to_string(Split(i)))] = {{"file", tokens_name(Split(i))},
                                                       {"pieces", pieces[i]},
                                                       {"tokens", tokens[i]},
                                                       {"bytes", token_files[i].bytes},
                                                       {"sha256", token_files[i].sha256}};
  }
  out["notes"] = notes;
  out["rejects"] = rejects;
  out["rejects_file"] = {{"file", kRejectsName}, {"bytes", rejects_file.bytes}, {"sha256", rejects_file.sha256}};
  out["skipped"] = skipped;
  out["vocabulary_size"] = description.vocabulary_size;
  out["tokenizer"] = description.tokenizer;
  return out.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<Manifest> Manifest::parse(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object() || object.value("format", json()) != json(kFormat))
    return Error{ErrorCode::wrong_format, "is not the manifest of a data set", {}, {}};
  if (object.value("version", json()) != json(kVersion)) {
    return Error{ErrorCode::unsupported,
                 "has format version " + object.value("version", json()).dump() + ", not " + std::to_string(kVersion) +
                     "; build the data set again",
                 {},
                 {}};
  }
  Manifest manifest;
  CONTINUO_ASSIGN(manifest.description, BuildDescription::from_json(object));
  Fields fields(object);
  fields.read("notes", manifest.notes);
  fields.read_counts("rejects", manifest.rejects);
  fields.read_counts("skipped", manifest.skipped);
  read_splits(fields, manifest);
  Fields rejects_file = fields.part("rejects_file");
  read_seal(rejects_file, manifest.rejects_file);
  fields.take_failure(rejects_file);
  CONTINUO_TRY(fields.status());
  return manifest;
}

Result<Manifest> read_manifest(const std::filesystem::path& path) {
  CONTINUO_ASSIGN(const std::string text, read_text_file(path, kLimitBytes));
  auto manifest = Manifest::parse(text);
  if (!manifest.ok()) return manifest.error().in_file(path.string());
  return manifest;
}

std::string tokens_name(Split split) { return std::string(to_string(split)) + ".tokens"; }

bool is_dataset_file(std::string_view name) {
  for (int i = 0; i < kSplitCount; ++i)
    if (name == tokens_name(Split(i))) return true;
  return name == kManifestName || name == kRejectsName;
}

}  // namespace continuo::dataset
