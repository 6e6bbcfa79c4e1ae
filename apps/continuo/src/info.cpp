#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "continuo/base/text.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/checkpoint/presets.h"
#include "continuo/checkpoint/tensor_names.h"
#include "continuo/cli/console.h"
#include "continuo/dataset/musical_places.h"
#include "continuo/tokens/registry.h"
#include "continuo/tokens/tokenizer.h"

#include "commands.h"
#include "common/model_options.h"

namespace continuo::app {
namespace {

using checkpoint::Checkpoint;
using nlohmann::json;

constexpr std::size_t kColumn = 14;  // where values begin
constexpr std::size_t kWidth = 100;  // of a line of options

json or_null(double value) { return value > 0 ? json(value) : json(nullptr); }
json or_null(const std::string& value) { return value.empty() ? json(nullptr) : json(value); }
json or_null(std::int64_t value) { return value > 0 ? json(value) : json(nullptr); }

json describe_parameters(const checkpoint::ModelConfig& config) {
  const auto parts = checkpoint::parameter_parts(config);
  return {{"total", checkpoint::parameter_count(config)},
          {"embedding", parts.embedding},
          {"layers", parts.layers},
          {"output", parts.output}};
}

// The type's name as the command line has it, if it is there.
std::string type_text(checkpoint::DType type) {
  for (const auto& [stored, name] : {std::pair{checkpoint::DType::kF32, "fp32"},
                                     {checkpoint::DType::kF16, "fp16"},
                                     {checkpoint::DType::kBF16, "bf16"},
                                     {checkpoint::DType::kI8, "int8"}}) {
    if (stored == type) return name;
  }
  return std::string(checkpoint::to_string(type));
}

// How many weights are stored in each number type. Scales of int8 matrices are no weights.
json describe_precision(const Checkpoint& model) {
  std::map<std::string, std::int64_t> elements;
  for (const auto& spec : checkpoint::tensor_specs(model.model)) {
    const auto& tensor = model.file.tensors().at(spec.name);
    elements[type_text(tensor.dtype)] += tensor.elements();
  }
  return elements;
}

// The members of a tokenizer's description as "drums false", however deep; a learned vocabulary is only counted.
void collect_settings(const json& description, std::vector<std::string>& out) {
  constexpr std::size_t kLongest = 8;
  for (const auto& [key, value] : description.items()) {
    if (value.is_object() && value.size() <= 4 * kLongest) {
      collect_settings(value, out);
    } else if (value.is_structured() && value.size() > kLongest) {
      out.push_back(key + " (" + counted(value.size(), "entry", "entries") + ")");
    } else if (key != "name" && !value.is_null()) {
      out.push_back(key + " " + (value.is_string() ? value.get<std::string>() : value.dump()));
    }
  }
}

// How many 4/4 bars the context holds, where each step of time takes a fixed row of tokens.
json context_bars(const checkpoint::ModelConfig& config, const tokens::PositionRange& range) {
  if (range.slots <= 1 || range.places <= 1) return nullptr;
  return double(config.context_length) / range.slots / range.places;
}

// A tokenizer that this version does not know has a name, and nothing else is known of it.
void describe_tokenizer(const Checkpoint& model, json& result, cli::Console& console) {
  json& out = result["tokenizer"];
  out = {{"name", nullptr}, {"description", model.tokenizer}, {"vocabulary_size", model.model.vocab_size}};
  if (model.tokenizer.is_object()) out["name"] = model.tokenizer.value("name", json(nullptr));
  result["context"] = {{"tokens", model.model.context_length}, {"bars", nullptr}};
  const auto tokenizer = tokens::tokenizer_from_json(model.tokenizer);
  if (!tokenizer.ok()) {
    console.note("continuo: warning: the tokenizer is unknown: " + tokenizer.error().to_line());
    return;
  }
  const auto traits = (*tokenizer)->traits();
  const auto range = dataset::MusicalPlaces(**tokenizer).range();
  out["name"] = (*tokenizer)->name();
  out["time"] = traits.time_domain == tokens::TimeDomain::kClock ? "clock" : "musical";
  out["marks_bars"] = traits.marks_bars();
  out["places"] = range.places;
  out["slots"] = range.slots;
  result["context"]["bars"] = context_bars(model.model, range);
}

json describe_training(const checkpoint::Provenance& from) {
  json quarters = json::array();
  for (const auto& quarter : from.validation_nll_quarters) quarters.push_back(quarter ? json(*quarter) : json(nullptr));
  return {{"data_set", or_null(from.data_set)},
          {"data_licence", or_null(from.data_licence)},
          {"data_fingerprint", or_null(from.data_fingerprint)},
          {"data_tokens", or_null(from.data_tokens)},
          {"longest_note", or_null(from.longest_note)},
          {"split", or_null(from.split)},
          {"seed", from.seed},
          {"steps", or_null(from.steps)},
          {"tokens", or_null(from.tokens_seen)},
          {"minutes", or_null(from.training_sec / 60)},
          {"validation_nll", or_null(from.validation_nll)},
          {"validation_nll_quarters", quarters},
          {"validation_tokens", or_null(from.validation_tokens)},
          {"version", or_null(from.version)},
          {"commit", or_null(from.commit)},
          {"options", from.options}};
}

void line(const std::string& label, const std::string& value, cli::Console& console) {
  if (!value.empty()) console.line("  " + label + std::string(kColumn - label.size(), ' ') + value);
}

// Texts joined by commas, in as many lines as they need.
void lines(const std::string& label, const std::vector<std::string>& texts, cli::Console& console) {
  std::string text, first = label;
  for (const std::string& each : texts) {
    if (!text.empty() && text.size() + each.size() > kWidth) {
      line(std::exchange(first, ""), text + ",", console);
      text.clear();
    }
    text += (text.empty() ? "" : ", ") + each;
  }
  line(first, text, console);
}

std::string shape_text(const checkpoint::ModelConfig& config) {
  const auto number = [](int value) { return grouped(static_cast<std::uint64_t>(value)); };
  std::string text = counted(static_cast<std::uint64_t>(config.n_layers), "layer", "layers") + " of " +
                     number(config.d_model) + " features";
  if (!config.has_attention()) return text;
  text += ", " + counted(static_cast<std::uint64_t>(config.n_heads), "attention head", "attention heads");
  if (config.kv_heads() != config.n_heads) text += " (" + number(config.kv_heads()) + " of keys and values)";
  if (config.family == checkpoint::Family::kRecurrent) return text;
  return text + ", feed-forward " + number(config.d_ff);
}

// The parts by the names that files have for them.
std::vector<std::string> part_texts(const checkpoint::ModelConfig& config) {
  const json stored = checkpoint::to_json(config);
  const auto name = [&](const char* key, const char* fallback) { return stored.value(key, std::string(fallback)); };
  std::vector<std::string> parts;
  if (config.family == checkpoint::Family::kRecurrent) {
    parts = {name("cell", "lstm") + " cells"};
    if (config.has_attention()) {
      parts.push_back("attention to the last " +
                      counted(static_cast<std::uint64_t>(config.attention_window), "output", "outputs"));
    }
  } else {
    parts = {name("masking", "causal"), std::string(checkpoint::to_string(config.positions)) + " positions",
             name("norm", "layer_norm") + " (" + name("norm_placement", "pre") + ")", name("activation", "gelu")};
    if (config.qk_norm) parts.emplace_back("QK-norm");
  }
  parts.emplace_back(config.tied_output ? "tied output" : "output of its own");
  if (!config.bias) parts.emplace_back("no biases");
  return parts;
}

std::string places_text(const checkpoint::ModelConfig& config) {
  if (!config.has_musical_places()) return "none";
  std::string text;
  if (config.places > 0)
    text = counted(static_cast<std::uint64_t>(config.places), "place in the bar", "places in the bar");
  if (config.slots > 0) {
    text += (text.empty() ? "" : ", ") + counted(static_cast<std::uint64_t>(config.slots), "voice", "voices");
  }
  return text;
}

void print_model(const Checkpoint& model, const json& result, cli::Console& console) {
  const auto& config = model.model;
  line("model", config.preset + ": " + std::string(checkpoint::model_summary(config.preset)), console);
  line("shape", shape_text(config), console);
  lines("parts", part_texts(config), console);
  const auto count = [](const json& value) { return grouped(value.get<std::uint64_t>()); };
  const json& weights = result["parameters"];
  line("parameters",
       count(weights["total"]) + ": embedding " + count(weights["embedding"]) + ", layers " + count(weights["layers"]) +
           ", output " + count(weights["output"]),
       console);
  std::vector<std::string> types;
  for (const auto& [type, elements] : result["precision"].items()) types.push_back(type + " " + count(elements));
  lines("precision", types, console);
  line("file", count(result["bytes"]) + " bytes", console);
}

void print_tokens(const checkpoint::ModelConfig& config, const json& result, cli::Console& console) {
  const json& tokenizer = result["tokenizer"];
  const std::string name = tokenizer["name"].is_string() ? tokenizer["name"].get<std::string>() : "unknown";
  line("tokenizer", name + ", " + grouped(tokenizer["vocabulary_size"].get<std::uint64_t>()) + " words", console);
  std::vector<std::string> settings;
  collect_settings(tokenizer["description"], settings);
  lines("", settings, console);
  std::string context = grouped(static_cast<std::uint64_t>(config.context_length)) + " tokens";
  if (result["context"]["bars"].is_number()) {
    context += ", " + cli::fixed(result["context"]["bars"].get<double>(), 1) + " bars of 4/4";
  }
  if (config.memory_length > 0) {
    context += ", each with the " + grouped(static_cast<std::uint64_t>(config.memory_length)) + " before it";
  }
  if (!config.is_limited_to_context()) context += " (of a training window; no limit in use)";
  line("context", context, console);
  line("places", places_text(config), console);
}

std::string training_text(const checkpoint::Provenance& from) {
  std::vector<std::string> texts;
  if (from.steps > 0) texts.push_back(counted(std::uint64_t(from.steps), "step", "steps"));
  if (from.tokens_seen > 0) {
    std::string text = grouped(std::uint64_t(from.tokens_seen)) + " tokens";
    if (from.data_tokens > 0) {
      text += " (" + cli::fixed(double(from.tokens_seen) / double(from.data_tokens), 2) + " epochs)";
    }
    texts.push_back(std::move(text));
  }
  if (from.training_sec > 0) texts.push_back(cli::fixed(from.training_sec / 60, 1) + " minutes");
  texts.push_back("seed " + std::to_string(from.seed));
  return joined(texts);
}

void print_training(const checkpoint::Provenance& from, bool in_seconds, cli::Console& console) {
  std::vector<std::string> data;
  for (const std::string& text : {from.data_set, from.data_licence}) {
    if (!text.empty()) data.push_back(text);
  }
  if (!from.split.empty()) data.push_back("split " + from.split);
  if (from.data_tokens > 0) data.push_back(grouped(std::uint64_t(from.data_tokens)) + " training tokens");
  if (!from.data_fingerprint.empty()) data.push_back("fingerprint " + from.data_fingerprint);
  lines("data", data, console);
  if (from.longest_note > 0) {
    line("notes", "99.9 % last at most " + cli::fixed(from.longest_note, 2) + (in_seconds ? " seconds" : " quarters"),
         console);
  }
  line("training", training_text(from), console);
  if (from.validation_nll > 0) {
    std::string text = cli::fixed(from.validation_nll, 4) + " nats per token";
    if (from.validation_tokens > 0) text += ", over " + grouped(std::uint64_t(from.validation_tokens)) + " tokens";
    line("validation", text, console);
  }
  std::string quarters;
  bool measured = false;
  for (const auto& quarter : from.validation_nll_quarters) {
    quarters += (quarters.empty() ? "" : "  ") + (quarter ? cli::fixed(*quarter, 4) : std::string("-"));
    measured = measured || quarter.has_value();
  }
  if (measured) line("  by quarter", quarters, console);
  std::vector<std::string> options;
  for (const auto& [name, value] : from.options.items()) {
    options.push_back(name + " " + (value.is_string() ? value.get<std::string>() : value.dump()));
  }
  lines("options", options, console);
  const std::string commit = from.commit.empty() ? "" : "commit " + from.commit;
  line("made by", "Continuo" + (from.version.empty() ? "" : " " + from.version) + (commit.empty() ? "" : ", " + commit),
       console);
}

Status info(const cli::Arguments& arguments, cli::Console& console) {
  CONTINUO_ASSIGN(const auto path, find_model(arguments.positional()));
  CONTINUO_ASSIGN(const auto model, Checkpoint::open(path));
  std::error_code failure;
  const auto bytes = std::filesystem::file_size(path, failure);
  if (failure) return Error{ErrorCode::io, failure.message(), {}, path.string()};
  json& result = console.result();
  result = {{"file", path.string()},
            {"name", model.model.preset},
            {"family", model.model.family == checkpoint::Family::kRecurrent ? "recurrent" : "transformer"},
            {"config", checkpoint::to_json(model.model)},
            {"parameters", describe_parameters(model.model)},
            {"precision", describe_precision(model)},
            {"bytes", bytes},
            {"training", describe_training(model.provenance)}};
  describe_tokenizer(model, result, console);
  console.line(path.string());
  print_model(model, result, console);
  print_tokens(model.model, result, console);
  print_training(model.provenance, result["tokenizer"].value("time", "") == "clock", console);
  return {};
}

}  // namespace

cli::Command info_command() {
  return {{.name = "info",
           .summary = "Describe a model: its shape, weights, tokenizer, and how it was trained",
           .description =
               "Prints what a model file has about itself. What older files lack is left out, and null with --json. "
               "Precision counts the weights of each number type. Bars of context are given where each step of time "
               "takes a fixed row of tokens; elsewhere they depend on the music.",
           .positionals = {{"MODEL",
                            "A .safetensors file, the folder of a run, whose best model is taken, or the name of a "
                            "model that comes with Continuo"}},
           .examples = {"continuo info piano", "continuo info run --json"}},
          info,
          {}};
}

}  // namespace continuo::app
