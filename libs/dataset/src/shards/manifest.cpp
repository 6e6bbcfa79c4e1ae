#include "shards/manifest.h"

#include <system_error>

#include "continuo/base/checksum.h"
#include "continuo/base/file.h"
#include "continuo/json/field_reader.h"

#include "pieces/split_assignment.h"
#include "shards/token_file.h"

namespace continuo::dataset {
namespace {

using json::FieldReader;

constexpr std::string_view kFormat = "continuo-dataset";
constexpr int kVersion = 2;
constexpr std::uint64_t kLimitBytes = std::uint64_t{256} << 20;

nlohmann::json to_json(const Filters& filters) {
  return {{"min_notes", filters.min_notes},     {"min_seconds", filters.min_seconds},
          {"min_pitches", filters.min_pitches}, {"corrupt_meter", filters.corrupt_meter},
          {"duplicates", filters.duplicates},   {"official", filters.official}};
}

// A number of semitones or the like, which is never below 0.
template <typename Count>
void read_count(FieldReader& fields, std::string_view field, Count& count) {
  int number = 0;
  fields.read(field, number);
  if (number < 0) return fields.fail(field, "is below 0");
  if (fields.status().ok()) count = static_cast<Count>(number);
}

void read_options(FieldReader& fields, BuildDescription& description) {
  FieldReader options = fields.object("options");
  read_count(options, "transpose_down", description.transpose_down);
  read_count(options, "transpose_up", description.transpose_up);
  Filters& filters = description.filters;
  FieldReader filter_fields = options.object("filters");
  read_count(filter_fields, "min_notes", filters.min_notes);
  filter_fields.read("min_seconds", filters.min_seconds);
  read_count(filter_fields, "min_pitches", filters.min_pitches);
  filter_fields.read("corrupt_meter", filters.corrupt_meter);
  filter_fields.read("duplicates", filters.duplicates);
  filter_fields.read("official", filters.official);
  options.take(filter_fields.status());
  fields.take(options.status());
}

void read_seal(FieldReader& fields, FileSeal& seal) {
  fields.read("bytes", seal.bytes);
  fields.read("sha256", seal.sha256);
}

void read_splits(FieldReader& fields, Manifest& manifest) {
  FieldReader splits = fields.object("splits");
  for (std::size_t i = 0; i < kSplitCount; ++i) {
    FieldReader split = splits.object(to_string(static_cast<Split>(i)));
    std::string file;
    split.read("file", file);
    if (file != tokens_name(static_cast<Split>(i))) split.fail("file", "is not the split's");
    split.read("pieces", manifest.pieces[i]);
    split.read("tokens", manifest.tokens[i]);
    read_seal(split, manifest.token_files[i]);
    splits.take(split.status());
  }
  fields.take(splits.status());
}

}  // namespace

nlohmann::json BuildDescription::to_json() const {
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

Result<BuildDescription> BuildDescription::from_json(const nlohmann::json& object) {
  BuildDescription description;
  FieldReader fields(object, "data set");
  fields.read("name", description.name);
  fields.read("licence", description.licence);
  fields.read("layout", description.layout);
  fields.read("split_rule", description.split_rule);
  fields.read("source_fingerprint", description.source_fingerprint);
  fields.read("source_files", description.source_files);
  fields.read("seed", description.seed);
  fields.read("vocabulary_size", description.vocabulary_size);
  fields.read("tokenizer", description.tokenizer);
  fields.read("skipped", description.skipped);
  read_options(fields, description);
  if (description.vocabulary_size < 1 || description.vocabulary_size > kLargestVocabulary)
    fields.fail("vocabulary_size", "is out of range");
  if (description.split_rule != kOfficialSplitRule && !shares_of_rule(description.split_rule))
    fields.fail("split_rule", "is not a rule that is known");
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
  nlohmann::json built = description.to_json();
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
  return out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Result<Manifest> Manifest::parse(std::string_view text) {
  const auto object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object() || object.value("format", nlohmann::json()) != nlohmann::json(kFormat))
    return Error{ErrorCode::wrong_format, "is not the manifest of a data set", {}, {}};
  if (object.value("version", nlohmann::json()) != nlohmann::json(kVersion)) {
    return Error{ErrorCode::unsupported,
                 "has format version " + object.value("version", nlohmann::json()).dump() + ", not " +
                     std::to_string(kVersion) + "; build the data set again",
                 {},
                 {}};
  }
  Manifest manifest;
  CONTINUO_ASSIGN(manifest.description, BuildDescription::from_json(object));
  FieldReader fields(object, "data set");
  fields.read("notes", manifest.notes);
  fields.read("rejects", manifest.rejects);
  fields.read("skipped", manifest.skipped);
  read_splits(fields, manifest);
  FieldReader rejects_file = fields.object("rejects_file");
  read_seal(rejects_file, manifest.rejects_file);
  fields.take(rejects_file.status());
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
