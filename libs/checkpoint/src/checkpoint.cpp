#include "continuo/checkpoint/checkpoint.h"

#include <charconv>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>

#include "continuo/checkpoint/tensor_names.h"
#include "continuo/json/field_reader.h"
#include "continuo/json/strict_parse.h"

namespace continuo::checkpoint {
namespace {

using Json = nlohmann::json;
using Metadata = std::map<std::string, std::string>;

constexpr int kFormat = 1;
constexpr std::string_view kFormatKey = "continuo.format";
constexpr std::string_view kTrainingStateKey = "continuo.train";  // of resume.safetensors
constexpr std::string_view kModelKey = "continuo.model";
constexpr std::string_view kTokenizerKey = "continuo.tokenizer";
constexpr std::string_view kProvenanceKey = "continuo.provenance";

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t extent : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

Error tensor_error(std::string what, const std::string& name) {
  return Error{ErrorCode::malformed, std::move(what), "tensor '" + name.substr(0, 120) + "'", {}};
}

// Whole numbers mean nothing without the scales of their rows.
Status check_scales(const TensorSpec& spec, const std::map<std::string, TensorView>& tensors) {
  if (spec.shape.size() != 2) return tensor_error("only matrices may be stored as I8", spec.name);
  const std::string name = scale_name(spec.name);
  const auto found = tensors.find(name);
  if (found == tensors.end()) return tensor_error("the scales of a matrix stored as I8 are missing", name);
  if (found->second.dtype == DType::kF32 && found->second.shape == std::vector{spec.shape[0]}) return {};
  return tensor_error("scales are not one F32 for each row", name);
}

Status check_tensors(const ModelConfig& model, const std::map<std::string, TensorView>& tensors) {
  std::set<std::string> expected;
  const auto specs = tensor_specs(model);
  for (const TensorSpec& spec : specs) {
    const auto found = tensors.find(spec.name);
    if (found == tensors.end()) return tensor_error("a tensor of the model is missing", spec.name);
    if (found->second.shape != spec.shape) {
      return tensor_error("shape " + shape_text(found->second.shape) + " where the model has " + shape_text(spec.shape),
                          spec.name);
    }
    expected.insert(spec.name);
    if (found->second.dtype == DType::kI8) {
      CONTINUO_TRY(check_scales(spec, tensors));
      expected.insert(scale_name(spec.name));
    }
  }
  for (const auto& [name, view] : tensors) {
    if (is_model_tensor(name) && !expected.contains(name))
      return tensor_error("a tensor that the model does not have", name);
  }
  return {};
}

Status check_format(const Metadata& metadata) {
  const auto found = metadata.find(std::string(kFormatKey));
  if (found == metadata.end()) {
    const bool is_training_state = metadata.contains(std::string(kTrainingStateKey));
    return Error{ErrorCode::wrong_format, is_training_state ? "this is a training state; use best.safetensors beside it"
                                                            : "a safetensors file, but not a model of Continuo"};
  }
  const std::string& text = found->second;
  int format = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), format);
  if (code != std::errc{} || end != text.data() + text.size() || format < 1) {
    return Error{ErrorCode::malformed, "the checkpoint's format number is unreadable"};
  }
  if (format == kFormat) return {};
  return Error{ErrorCode::incompatible,
               "checkpoint format " + text + ", of which this version of Continuo knows nothing (it reads 1)"};
}

Result<Json> read_part(const Metadata& metadata, std::string_view key) {
  const auto found = metadata.find(std::string(key));
  if (found == metadata.end()) return Error{ErrorCode::malformed, "metadata lacks '" + std::string(key) + "'"};
  auto parsed = json::parse_json_strictly(found->second, json::JsonLimits{});
  if (parsed.ok()) return parsed;
  Error error = std::move(parsed).error();
  error.where = "metadata '" + std::string(key) + "'";
  return error;
}

Json to_json(const Provenance& p) {
  Json object = {{"data_set", p.data_set},
                 {"data_licence", p.data_licence},
                 {"split", p.split},
                 {"seed", p.seed},
                 {"commit", p.commit},
                 {"steps", p.steps},
                 {"tokens_seen", p.tokens_seen}};
  if (std::isfinite(p.validation_nll)) object["validation_nll"] = p.validation_nll;
  Json quarters = Json::array();
  for (const auto& quarter : p.validation_nll_quarters) {
    quarters.push_back(quarter && std::isfinite(*quarter) ? Json(*quarter) : Json(nullptr));
  }
  if (quarters != Json::array({nullptr, nullptr, nullptr, nullptr})) object["validation_nll_quarters"] = quarters;
  if (p.validation_tokens > 0) object["validation_tokens"] = p.validation_tokens;
  if (p.training_sec > 0 && std::isfinite(p.training_sec)) object["training_sec"] = p.training_sec;
  if (!p.data_fingerprint.empty()) object["data_fingerprint"] = p.data_fingerprint;
  if (p.data_tokens > 0) object["data_tokens"] = p.data_tokens;
  if (p.longest_note > 0 && std::isfinite(p.longest_note)) object["longest_note"] = p.longest_note;
  if (!p.version.empty()) object["version"] = p.version;
  if (!p.options.empty()) object["options"] = p.options;
  return object;
}

// Four numbers, each of which may be null.
void read_quarters(json::FieldReader& fields, const Json& object, Provenance& p) {
  constexpr const char* kQuarters = "validation_nll_quarters";
  if (!fields.has(kQuarters)) return;
  const Json& quarters = object.at(kQuarters);
  bool good = quarters.is_array() && quarters.size() == p.validation_nll_quarters.size();
  for (std::size_t i = 0; good && i < quarters.size(); ++i) {
    good = quarters[i].is_null() || quarters[i].is_number();
    if (good && quarters[i].is_number()) p.validation_nll_quarters[i] = quarters[i].get<double>();
  }
  if (!good) fields.fail(kQuarters, "is not four numbers");
}

// Members that other versions may have added are passed over.
Result<Provenance> provenance_from_json(const Json& object) {
  Provenance p;
  json::FieldReader fields(object, "provenance");
  fields.read_if_present("data_set", p.data_set);
  fields.read_if_present("data_licence", p.data_licence);
  fields.read_if_present("split", p.split);
  fields.read_if_present("seed", p.seed);
  fields.read_if_present("commit", p.commit);
  fields.read_if_present("steps", p.steps);
  fields.read_if_present("tokens_seen", p.tokens_seen);
  fields.read_if_present("validation_nll", p.validation_nll);
  read_quarters(fields, object, p);
  fields.read_if_present("validation_tokens", p.validation_tokens);
  fields.read_if_present("training_sec", p.training_sec);
  fields.read_if_present("data_fingerprint", p.data_fingerprint);
  fields.read_if_present("data_tokens", p.data_tokens);
  fields.read_if_present("longest_note", p.longest_note);
  fields.read_if_present("version", p.version);
  fields.read_if_present("options", p.options);
  CONTINUO_TRY(fields.status());
  return p;
}

Result<Checkpoint> interpret(SafetensorsFile file) {
  const Metadata& metadata = file.metadata();
  CONTINUO_TRY(check_format(metadata));
  Checkpoint checkpoint;
  CONTINUO_ASSIGN(const Json model, read_part(metadata, kModelKey));
  CONTINUO_ASSIGN(checkpoint.model, model_config_from_json(model));
  CONTINUO_ASSIGN(checkpoint.tokenizer, read_part(metadata, kTokenizerKey));
  CONTINUO_ASSIGN(const Json provenance, read_part(metadata, kProvenanceKey));
  CONTINUO_ASSIGN(checkpoint.provenance, provenance_from_json(provenance));
  CONTINUO_TRY(check_tensors(checkpoint.model, file.tensors()));
  checkpoint.file = std::move(file);
  return checkpoint;
}

}  // namespace

Result<Checkpoint> Checkpoint::open(const std::filesystem::path& path) {
  CONTINUO_ASSIGN(SafetensorsFile file, SafetensorsFile::open(path));
  auto checkpoint = interpret(std::move(file));
  if (!checkpoint.ok()) return std::move(checkpoint).error().in_file(path.string());
  return checkpoint;
}

Status write_checkpoint(const std::filesystem::path& path, const ModelConfig& model, const Json& tokenizer,
                        const Provenance& provenance, const std::map<std::string, TensorView>& tensors) {
  Status status = validate(model);
  if (status.ok()) status = check_tensors(model, tensors);
  if (!status.ok()) return status.error().in_file(path.string());
  Metadata metadata;
  try {
    metadata = {{std::string(kFormatKey), std::to_string(kFormat)},
                {std::string(kModelKey), checkpoint::to_json(model).dump()},
                {std::string(kTokenizerKey), tokenizer.dump()},
                {std::string(kProvenanceKey), to_json(provenance).dump()}};
  } catch (const Json::exception&) {
    return Error{ErrorCode::malformed, "the tokenizer or provenance is not UTF-8", {}, path.string()};
  }
  return write_safetensors(path, tensors, metadata);
}

}  // namespace continuo::checkpoint
