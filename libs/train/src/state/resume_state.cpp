#include "state/resume_state.h"

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "continuo/json/field_reader.h"
#include "continuo/json/strict_parse.h"

namespace continuo::train {
namespace {

using checkpoint::DType;
using checkpoint::TensorView;
using Json = nlohmann::json;

constexpr const char* kPositionKey = "continuo.train";
constexpr const char* kOptionsKey = "continuo.options";
constexpr int kFormat = 2;  // 1: without optimiser, positions and musical positions

std::span<const std::uint8_t> bytes_of(std::span<const float> values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes()};
}

// The parts of one parameter with the prefix under which each is stored.
struct Part {
  const char* prefix;
  std::span<float> values;
};
std::vector<Part> parts_of(const ParameterState& parameter) {
  std::vector<Part> parts = {{"value/", parameter.value}};
  if (!parameter.first_moment.empty()) parts.push_back({"first_moment/", parameter.first_moment});
  if (!parameter.second_moment.empty()) parts.push_back({"second_moment/", parameter.second_moment});
  if (!parameter.average.empty()) parts.push_back({"average/", parameter.average});
  return parts;
}

// Requires: the bytes of floats, at any address.
bool is_finite(std::span<const std::uint8_t> floats) {
  for (std::size_t at = 0; at < floats.size(); at += sizeof(float)) {
    float value;
    std::memcpy(&value, floats.data() + at, sizeof value);
    if (!std::isfinite(value)) return false;
  }
  return true;
}

Error broken(const std::string& what) { return {ErrorCode::malformed, "the resume state " + what}; }

Json to_json(const RunPosition& p) {
  return {{"format", kFormat},
          {"step", p.step},
          {"tokens", p.tokens},
          {"elapsed_sec", p.elapsed_sec},
          {"best_nll", p.best_nll},
          {"validations_since_best", p.validations_since_best},
          {"precision", p.precision},
          {"vocabulary_size", p.vocabulary_size},
          {"data_tokens", p.data_tokens},
          {"new_words", p.new_words}};
}

Result<ResumeState> parse(checkpoint::SafetensorsFile file) {
  const auto& metadata = file.metadata();
  const auto position = metadata.find(kPositionKey), options = metadata.find(kOptionsKey);
  if (position == metadata.end() || options == metadata.end()) {
    return Error{ErrorCode::wrong_format, "not a resume state of Continuo"};
  }
  ResumeState state{{}, {}, std::move(file)};
  CONTINUO_TRY(apply_toml(state.options, options->second));
  state.options.given.clear();
  CONTINUO_ASSIGN(state.position, position_from_text(position->second));
  return state;
}

}  // namespace

std::string to_text(const RunPosition& position) { return to_json(position).dump(); }

Result<RunPosition> position_from_text(const std::string& text) {
  CONTINUO_ASSIGN(const Json object, json::parse_json_strictly(text, json::JsonLimits{}));
  json::FieldReader fields(object, "resume state");
  int format = 0;
  fields.read("format", format);
  if (fields.status().ok() && format != kFormat) {
    return Error{ErrorCode::incompatible, "the resume state is of another version of Continuo"};
  }
  RunPosition p;
  fields.read("step", p.step);
  fields.read("tokens", p.tokens);
  fields.read("elapsed_sec", p.elapsed_sec);
  fields.read("best_nll", p.best_nll);
  fields.read_if_present("validations_since_best", p.validations_since_best);
  fields.read("precision", p.precision);
  fields.read("vocabulary_size", p.vocabulary_size);
  fields.read("data_tokens", p.data_tokens);
  fields.read_if_present("new_words", p.new_words);
  if (p.step < 0) fields.fail("step", "is negative");
  if (p.validations_since_best < 0) fields.fail("validations_since_best", "is negative");
  CONTINUO_TRY(fields.status());
  return p;
}

Result<ResumeState> ResumeState::open(const std::filesystem::path& path) {
  CONTINUO_ASSIGN(checkpoint::SafetensorsFile file, checkpoint::SafetensorsFile::open(path));
  auto state = parse(std::move(file));
  if (!state) return state.error().in_file(path.string());
  return state;
}

Status ResumeState::copy_to(std::span<const ParameterState> parameters) const {
  const auto& tensors = file.tensors();
  for (const ParameterState& parameter : parameters) {
    for (const Part& part : parts_of(parameter)) {
      const auto found = tensors.find(part.prefix + parameter.name);
      if (found == tensors.end()) return broken("lacks " + (part.prefix + parameter.name));
      const TensorView& tensor = found->second;
      const bool fits = tensor.dtype == DType::kF32 && tensor.shape == parameter.shape &&
                        tensor.data.size() == part.values.size_bytes();
      if (!fits) return broken("has another shape of " + (part.prefix + parameter.name));
      if (!is_finite(tensor.data))
        return broken("has numbers in " + (part.prefix + parameter.name) + " that are not finite");
    }
  }
  for (const ParameterState& parameter : parameters) {
    for (const Part& part : parts_of(parameter)) {
      const TensorView& tensor = tensors.at(part.prefix + parameter.name);
      std::memcpy(part.values.data(), tensor.data.data(), tensor.data.size());
    }
  }
  return {};
}

Status write_resume_state(const std::filesystem::path& path, const TrainOptions& options, const RunPosition& position,
                          std::span<const ParameterState> parameters) {
  std::map<std::string, TensorView> tensors;
  for (const ParameterState& parameter : parameters) {
    for (const Part& part : parts_of(parameter)) {
      if (!is_finite(bytes_of(part.values))) {
        return Error{ErrorCode::invalid_argument,
                     part.prefix + parameter.name +
                         " has numbers that are not finite; the last good state is kept, and a "
                         "lower learning_rate or gradient_clip may help",
                     "step " + std::to_string(position.step), path.string()};
      }
      tensors[part.prefix + parameter.name] = {DType::kF32, parameter.shape, bytes_of(part.values)};
    }
  }
  return checkpoint::write_safetensors(path, tensors,
                                       {{kPositionKey, to_text(position)}, {kOptionsKey, to_toml(options)}});
}

}  // namespace continuo::train
