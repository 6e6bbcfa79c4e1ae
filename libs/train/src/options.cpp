#include "continuo/train/options.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <sstream>

#include <toml++/toml.h>

#include "continuo/base/file.h"
#include "continuo/neural/runtime.h"

namespace continuo::train {
namespace {

using Field = OptionField;
using T = TrainOptions;

constexpr double kAny = std::numeric_limits<double>::infinity();
constexpr double kBillion = 1e9;
constexpr double kLongest = 1e6;  // minutes: two years

constexpr Field kFields[] = {
    {"data", &T::data, 0, 0, "data set folder, made by `continuo dataset build`"},
    {"output", &T::output, 0, 0, "folder of the run"},
    {"resume", &T::resume, 0, 1, "continue the run in the output folder"},
    {"replace", &T::replace, 0, 1, "start afresh although the output folder holds a run"},
    {"model", &T::model, 0, 0, "lstm, gpt, gpt2 or bert"},
    {"size", &T::size, 0, 0, "tiny, small or base"},
    {"context_length", &T::context_length, 0, 65536, "tokens in a window; 0: the preset's"},
    {"n_layers", &T::n_layers, 0, 256, "layers; 0: the preset's"},
    {"d_model", &T::d_model, 0, 65536, "features; 0: the preset's"},
    {"n_heads", &T::n_heads, 0, 1024, "attention heads; 0: the preset's"},
    {"d_ff", &T::d_ff, 0, 1048576, "features inside the feed-forward part; 0: the preset's, or 4 x d_model"},
    {"dropout", &T::dropout, -1, 0.95, "share of units dropped in training; -1: the preset's"},
    {"tied_output", &T::tied_output, -1, 1, "output matrix = embedding: 1 yes, 0 no; -1: the preset's"},
    {"batch_size", &T::batch_size, 0, 65536, "windows in a step; 0: 8 for the LSTM, 4 for Transformers"},
    {"learning_rate", &T::learning_rate, 0, 10, "at its peak; 0: by model and size"},
    {"weight_decay", &T::weight_decay, 0, 10, "of weight matrices; not of biases, norms and embeddings"},
    {"warmup_steps", &T::warmup_steps, 0, kBillion, "steps until the peak, at most a tenth of the run"},
    {"gradient_clip", &T::gradient_clip, 0, kBillion, "largest global gradient norm; 0: any"},
    {"pack", &T::pack, 0, 1, "fill training windows with several pieces, parted by their ends"},
    {"augment_transpose", &T::augment_transpose, 0, 24, "move training pieces by up to N semitones, anew each epoch"},
    {"augment_tempo", &T::augment_tempo, 0, 0.5, "change their tempo by up to this share, such as 0.1"},
    {"augment_velocity", &T::augment_velocity, 0, 126, "play them louder or softer by up to N"},
    {"augment_jitter", &T::augment_jitter, 0, 1, "move each onset by up to N quarters"},
    {"max_minutes", &T::max_minutes, 0, kLongest, "end after this time; 0: no such limit"},
    {"max_steps", &T::max_steps, 0, 1e12, "end after so many steps; 0: no such limit"},
    {"epochs", &T::epochs, 0, kBillion, "end after so many passes over the data; 0: no such limit"},
    {"seed", &T::seed, 0, kAny, "of weights, order, masks and dropout"},
    {"threads", &T::threads, 0, 1024, "0: one for each core"},
    {"precision", &T::precision, 0, 0, "of matrix products: auto, fp32 or bf16"},
    {"kernels", &T::kernels, 0, 0, "fused: Continuo's own functions; plain: libtorch's, to compare with"},
    {"validation_every_steps", &T::validation_every_steps, 0, 1e12, "0: by time alone"},
    {"validation_every_seconds", &T::validation_every_seconds, 0, kBillion, "0: by steps alone"},
    {"validation_tokens", &T::validation_tokens, 0, 1e15, "tokens of one validation; 0: all"},
    {"checkpoint_every_minutes", &T::checkpoint_every_minutes, 0, kLongest, "save to resume; 0: only at the end"},
    {"sample_every_minutes", &T::sample_every_minutes, 0, kLongest, "write a sample; 0: only at the end"},
};

// Facts of the process and not of the run: not stored.
bool is_stored(const Field& field) { return field.name != "resume" && field.name != "replace"; }

const Field* find_field(std::string_view name) {
  for (const Field& field : kFields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

std::string number_text(double value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

Error bad(std::string_view name, const std::string& what) {
  return {ErrorCode::invalid_argument, std::string(name) + " " + what};
}

Status check_range(const Field& field, double value) {
  if (value >= field.least && value <= field.most) return {};
  if (field.most == kAny) return bad(field.name, "must be at least " + number_text(field.least));
  return bad(field.name, "must be " + number_text(field.least) + " to " + number_text(field.most));
}

template <typename Number>
Status parse_number(const Field& field, std::string_view text, Number& out) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return bad(field.name, "must be a" + std::string(std::is_integral_v<Number> ? " whole" : "") + " number, not '" +
                               std::string(text) + "'");
  }
  CONTINUO_TRY(check_range(field, double(value)));
  out = value;
  return {};
}

Status parse_value(const Field& field, std::string_view text, bool& out) {
  if (text != "true" && text != "false") return bad(field.name, "must be true or false");
  out = text == "true";
  return {};
}
Status parse_value(const Field&, std::string_view text, std::string& out) { return out = text, Status{}; }
Status parse_value(const Field&, std::string_view text, std::filesystem::path& out) { return out = text, Status{}; }
template <typename Number>
Status parse_value(const Field& field, std::string_view text, Number& out) {
  return parse_number(field, text, out);
}

// Shortest text that reads back to the same value; TOML wants a point in what is not whole.
std::string print_value(double value) {
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  std::string result(text, error == std::errc{} ? end : text);
  if (result.find_first_of(".en") == std::string::npos) result += ".0";
  return result;
}
std::string print_value(bool value) { return value ? "true" : "false"; }
std::string print_value(const std::string& value) {
  std::ostringstream out;
  out << toml::value<std::string>(value);
  return out.str();
}
std::string print_value(const std::filesystem::path& value) { return print_value(value.string()); }
template <typename Whole>
requires std::is_integral_v<Whole> std::string print_value(Whole value) { return std::to_string(value); }

// A TOML value as set_option reads it. Seeds beyond the range of TOML's integers are written as strings.
std::optional<std::string> node_text(const Field& field, const toml::node& node) {
  const bool is_text = std::holds_alternative<std::string T::*>(field.member) ||
                       std::holds_alternative<std::filesystem::path T::*>(field.member);
  const bool is_real = std::holds_alternative<double T::*>(field.member);
  const bool is_seed = std::holds_alternative<std::uint64_t T::*>(field.member);
  if (const auto* text = node.as_string(); text != nullptr && (is_text || is_seed)) return text->get();
  if (is_text) return std::nullopt;
  if (const auto* flag = node.as_boolean()) return print_value(flag->get());
  if (const auto* whole = node.as_integer()) return std::to_string(whole->get());
  if (const auto* real = node.as_floating_point(); real != nullptr && is_real) return print_value(real->get());
  return std::nullopt;
}

Error at_line(Error error, const toml::source_region& source) {
  error.where = "line " + std::to_string(source.begin.line);
  return error;
}

}  // namespace

std::span<const OptionField> option_fields() { return kFields; }

Status set_option(TrainOptions& options, std::string_view name, std::string_view value) {
  const Field* field = find_field(name);
  if (field == nullptr) return Error{ErrorCode::invalid_argument, "there is no option '" + std::string(name) + "'"};
  return std::visit([&](auto member) { return parse_value(*field, value, options.*member); }, field->member);
}

Status apply_toml(TrainOptions& options, std::string_view text) {
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return at_line({ErrorCode::malformed, std::string(error.description())}, error.source());
  }
  TrainOptions changed = options;
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    const Field* field = find_field(name);
    if (field == nullptr) {
      return at_line({ErrorCode::invalid_argument, "there is no option '" + name + "'"}, key.source());
    }
    const auto value = node_text(*field, node);
    if (!value) return at_line(bad(name, "has a value of another type"), node.source());
    if (const Status status = set_option(changed, name, *value); !status) return at_line(status.error(), node.source());
  }
  options = std::move(changed);
  return {};
}

Status apply_toml_file(TrainOptions& options, const std::filesystem::path& file) {
  CONTINUO_ASSIGN(const std::string text, read_text_file(file, 1 << 20));
  const Status status = apply_toml(options, text);
  return status ? Status{} : Status{status.error().in_file(file.string())};
}

std::string to_toml(const TrainOptions& options) {
  std::string out;
  for (const Field& field : kFields) {
    if (!is_stored(field)) continue;
    std::string value = std::visit([&](auto member) { return print_value(options.*member); }, field.member);
    if (field.name == "seed") value = '"' + value + '"';
    out += "# " + std::string(field.help) + "\n" + std::string(field.name) + " = " + value + "\n";
  }
  return out;
}

Status validate(const TrainOptions& options) {
  for (const Field& field : kFields) {
    CONTINUO_TRY(std::visit(
        [&](auto member) -> Status {
          using Value = std::decay_t<decltype(options.*member)>;
          if constexpr (std::is_arithmetic_v<Value>) {
            return check_range(field, double(options.*member));
          } else {
            return {};
          }
        },
        field.member));
  }
  if (options.output.empty()) return bad("output", "is missing");
  if (options.resume && options.replace) return bad("replace", "and resume exclude each other");
  if (options.data.empty() && !options.resume) return bad("data", "is missing");
  if (options.validation_every_steps == 0 && options.validation_every_seconds == 0) {
    return bad("validation_every_steps", "and validation_every_seconds are both 0, so nothing would be validated");
  }
  if (options.kernels != "fused" && options.kernels != "plain") return bad("kernels", "must be fused or plain");
  if (const auto precision = neural::precision_from_string(options.precision); !precision) return precision.error();
  if (const auto preset = checkpoint::preset_config(options.model, options.size); !preset) return preset.error();
  return {};
}

Result<checkpoint::ModelConfig> model_config(const TrainOptions& options, int vocabulary_size) {
  CONTINUO_ASSIGN(checkpoint::ModelConfig config, checkpoint::preset_config(options.model, options.size));
  config.vocab_size = vocabulary_size;
  if (options.context_length > 0) config.context_length = options.context_length;
  if (options.n_layers > 0) config.n_layers = options.n_layers;
  if (options.d_model > 0) config.d_model = options.d_model, config.d_ff = 4 * options.d_model;
  if (options.n_heads > 0) config.n_heads = options.n_heads;
  if (options.d_ff > 0) config.d_ff = options.d_ff;
  if (options.dropout >= 0) config.dropout = options.dropout;
  if (options.tied_output >= 0) config.tied_output = options.tied_output == 1;
  CONTINUO_TRY(checkpoint::validate(config));
  return config;
}

namespace {

// Found by short runs on the tunes of examples/corpus; narrow networks bear larger steps.
double default_learning_rate(const checkpoint::ModelConfig& config) {
  constexpr int kTiny = 128, kNarrow = 256;  // features
  const bool lstm = config.family == checkpoint::Family::kLstm;
  if (config.d_model <= kTiny) return lstm ? 5e-3 : 2e-3;
  if (config.d_model <= kNarrow) return lstm ? 5e-3 : 1e-3;
  return lstm ? 3e-3 : 6e-4;
}

}  // namespace

TrainOptions with_defaults(TrainOptions options, const checkpoint::ModelConfig& config) {
  const bool lstm = config.family == checkpoint::Family::kLstm;
  constexpr double kDefaultEpochs = 10;
  if (options.batch_size == 0) options.batch_size = lstm ? 8 : 4;
  if (options.learning_rate == 0) options.learning_rate = default_learning_rate(config);
  if (options.max_minutes == 0 && options.max_steps == 0 && options.epochs == 0) options.epochs = kDefaultEpochs;
  return options;
}

}  // namespace continuo::train
