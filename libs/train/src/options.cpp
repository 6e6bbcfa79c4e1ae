#include "continuo/train/options.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include <toml++/toml.h>

#include "continuo/base/file.h"
#include "continuo/checkpoint/presets.h"
#include "continuo/neural/device.h"
#include "continuo/options/parse.h"

namespace continuo::train {
namespace {

using T = TrainOptions;
using options::Field;
using options::Syntax;
using options::Type;

constexpr double kBillion = 1e9;
constexpr double kMostLearningRate = 10;
constexpr const char* kOfPreset = "preset";  // of a part: that of the model
constexpr const char* kOn = "on";
constexpr double kLongest = 1e6;  // minutes: two years

std::vector<std::string> names(std::span<const std::string_view> views) { return {views.begin(), views.end()}; }

Field flag(const char* name, const char* help) { return {.name = name, .type = Type::kFlag, .help = help}; }
Field whole(const char* name, double least, double most, const char* help) {
  return {.name = name, .type = Type::kInteger, .unit = "N", .help = help, .range = {least, most}};
}
Field real(const char* name, const char* unit, double least, double most, const char* help) {
  return {.name = name, .type = Type::kReal, .unit = unit, .help = help, .range = {least, most}};
}
// The preset's own kind first.
std::vector<std::string> positions_choices() {
  std::vector<std::string> choices = {kOfPreset};
  for (const std::string_view name : checkpoint::positions_names()) choices.emplace_back(name);
  return choices;
}
Field choice(const char* name, std::vector<std::string> choices, const char* help) {
  return {.name = name, .type = Type::kChoice, .unit = "NAME", .help = help, .choices = std::move(choices)};
}

// Appends fields under one heading.
void add(std::vector<OptionField>& all, const char* group, std::vector<OptionField> fields) {
  for (OptionField& each : fields) {
    each.field.group = group;
    all.push_back(std::move(each));
  }
}

void add_run_fields(std::vector<OptionField>& all) {
  add(all, "",
      {{{.name = "data",
         .type = Type::kPath,
         .unit = "DIR",
         .help = "Data set of 'continuo dataset build', or folder of music"},
        &T::data},
       {{.name = "output", .letter = 'o', .type = Type::kPath, .unit = "RUN", .help = "Folder of the run"}, &T::output},
       {flag("resume", "Continue the run in the output folder"), &T::resume},
       {flag("replace", "Start a new run although the output folder contains one"), &T::replace},
       {{.name = "init_from",
         .type = Type::kPath,
         .unit = "MODEL",
         .help =
             "Start from the weights of a model (a file, the folder of a run, or the name of a model that comes with "
             "Continuo), to fine-tune it on data of the same kind of tokenizer, whose words are matched by name; its "
             "shape is kept"},
        &T::init_from},
       {whole("lora_rank", 0, 65536,
              "With init_from: train changes of this rank of the matrices of layers (LoRA), such as 16, and keep the "
              "rest as it is, for data of a few pieces; 0: train all weights"),
        &T::lora_rank}});
}

void add_model_fields(std::vector<OptionField>& all) {
  add(all, "Model",
      {{choice("model", names(checkpoint::model_names()), "Model to train"), &T::model},
       {choice("size", names(checkpoint::size_names()), "Size of the model; the options below change parts of it"),
        &T::size},
       {whole("context_length", 0, 65536,
              "Tokens in a window; 0: default for this size, with init_from that of the model"),
        &T::context_length},
       {whole("memory_length", 0, 65536,
              "Tokens before its own that a token of a causal Transformer attends to, those of earlier windows "
              "included, so that pieces have no limit; needs positions that are relative or rotary; 0: that of the "
              "model"),
        &T::memory_length},
       {whole("n_layers", 0, 256, "Number of layers; 0: default for this size"), &T::n_layers},
       {whole("d_model", 0, 65536, "Width of the hidden states; 0: default for this size"), &T::d_model},
       {whole("n_heads", 0, 1024, "Number of attention heads; 0: default for this size"), &T::n_heads},
       {whole("d_ff", 0, 1048576,
              "Width of the feed-forward layers; 0: default for this size, or by d_model if that is given"),
        &T::d_ff},
       {choice("positions", positions_choices(),
               "Position encoding of a Transformer: learned vectors, learned keys of distances (relative) or rotated "
               "queries and keys (rotary); preset: that of the model"),
        &T::positions},
       {choice("musical_positions", {"auto", "on", "off"},
               "Add a learned vector of each token's place in the bar, and of its voice, to the token's; auto: if "
               "the tokenisation has such places, and for bert if masks do not hide them"),
        &T::musical_positions},
       {choice("qk_norm", {kOfPreset, kOn, "off"},
               "RMSNorm of each head's queries and keys in a Transformer; preset: as the model has it"),
        &T::qk_norm},
       {real("dropout", "P", -1, 0.95, "Dropout probability; -1: default for this size"), &T::dropout},
       {whole("tied_output", -1, 1, "Use the embedding as the output matrix: 1 yes, 0 no; -1: default for this size"),
        &T::tied_output}});
}

void add_step_fields(std::vector<OptionField>& all) {
  add(all, "Optimiser",
      {{whole("batch_size", 0, 65536, "Windows per step; 0: 8 for recurrent models, 4 for Transformers"),
        &T::batch_size},
       {whole("micro_batch", 0, 65536,
              "Windows of a step that are computed at once; 0: all. Fewer take less memory and more time, and lead to "
              "the same weights but for rounding"),
        &T::micro_batch},
       {choice("optimiser", {"auto", "adamw", "muon"},
               "How weights follow gradients; muon: matrices of layers by Muon, the rest by AdamW; auto: muon for "
               "Transformers, adamw for recurrent models"),
        &T::optimiser},
       {real("learning_rate", "X", 0, 10,
             "Peak learning rate; 0: default for this model, with init_from a third of it, with lora_rank three times "
             "it"),
        &T::learning_rate},
       {real("muon_learning_rate", "X", 0, kMostLearningRate,
             "Peak learning rate of the matrices that Muon moves; 0: 0.02, times what learning_rate is of its default"),
        &T::muon_learning_rate},
       {real("weight_decay", "X", 0, 10, "Weight decay of matrices; biases, norms and embeddings have none"),
        &T::weight_decay},
       {choice(
            "schedule", {"cosine", "one_cycle", "constant"},
            "Learning rate after the warm-up: half a cosine down (cosine) or the peak, then a line down over the last "
            "20 % of the run (constant); one_cycle: a line up over the first 30 %, then a cosine down to almost 0"),
        &T::schedule},
       {real("final_learning_rate", "X", 0, 1,
             "Learning rate at the end of cosine and constant, as a share of the peak"),
        &T::final_learning_rate},
       {whole("warmup_steps", 0, kBillion,
              "Steps until the peak learning rate, at most a tenth of the run; not of one_cycle"),
        &T::warmup_steps},
       {real(
            "ema", "X", 0, 0.999999,
            "Validate, sample and keep an exponential moving average of the weights with this decay in each step, such "
            "as 0.999; 0: the weights themselves"),
        &T::ema},
       {real("label_smoothing", "X", 0, 0.5,
             "Share of a target's probability that all tokens get alike in training, whose loss is then that of these "
             "targets; validation has none"),
        &T::label_smoothing},
       {real("gradient_clip", "X", 0, kBillion, "Largest global gradient norm; 0: no limit"), &T::gradient_clip}});
  add(all, "Training data",
      {{flag("pack", "Pack several pieces into one window, separated by EOS and BOS"), &T::pack},
       {whole("augment_transpose", -1, 24,
              "Transpose training pieces by up to N semitones either way, differently in each epoch; -1: 6, so to all "
              "keys, if there are at most 5 million training tokens, else 0"),
        &T::augment_transpose},
       {real("augment_tempo", "X", 0, 0.5, "Change their tempo by up to this share either way, such as 0.1"),
        &T::augment_tempo},
       {whole("augment_velocity", 0, 126, "Change their velocities by up to N either way"), &T::augment_velocity},
       {real("augment_jitter", "X", 0, 1, "Move each onset by up to X quarter notes either way"), &T::augment_jitter},
       {real("task_share", "X", -1, 1,
             "Share of the windows that are rearranged for tasks, to fill gaps and to add tracks; needs the tokenizer "
             "bar_tracks and a causal model; -1: 0.6 with these, else 0"),
        &T::task_share}});
}

void add_limit_fields(std::vector<OptionField>& all) {
  add(all, "End of the run (the first of these that is reached; 10 epochs if none is given)",
      {{real("max_minutes", "X", 0, kLongest, "Train for this many minutes; 0: no limit"), &T::max_minutes},
       {whole("max_steps", 0, 1e12, "Train for this many steps; 0: no limit"), &T::max_steps},
       {real("epochs", "X", 0, kBillion, "Train for this many passes over the data; 0: no limit"), &T::epochs},
       {whole("patience", 0, kBillion,
              "End earlier, after N validations in a row that were not better than the best; 0: never"),
        &T::patience}});
}

void add_machine_fields(std::vector<OptionField>& all) {
  Field seed{.name = "seed",
             .type = Type::kUnsigned,
             .unit = "N",
             .help = "Random seed of weights, order, masks and dropout",
             .range = {.least = 0}};
  Field device{.name = "device",
               .type = Type::kText,
               .unit = "NAME",
               .help =
                   "What computes: cpu, cuda (a GPU of NVIDIA), cuda:1 for the second of them; auto: cuda where this "
                   "build's libtorch finds one, else cpu"};
  add(all, "Machine",
      {{std::move(seed), &T::seed},
       {whole("threads", 0, 1024, "Number of threads; 0: one per core"), &T::threads},
       {std::move(device), &T::device},
       {choice("precision", {"auto", "fp32", "bf16"}, "Precision of matrix products"), &T::precision},
       {choice("kernels", {"fused", "plain"},
               "On the CPU, Continuo's own functions, or those of libtorch for comparison, which a GPU always uses"),
        &T::kernels}});
}

void add_event_fields(std::vector<OptionField>& all) {
  add(all, "Validation and saving",
      {{whole("validation_every_steps", 0, 1e12, "Steps between validations; 0: by time only"),
        &T::validation_every_steps},
       {real("validation_every_seconds", "X", 0, kBillion, "Seconds between validations; 0: by steps only"),
        &T::validation_every_seconds},
       {whole("validation_tokens", 0, 1e15, "Tokens per validation; 0: all"), &T::validation_tokens},
       {real("checkpoint_every_minutes", "X", 0, kLongest, "Minutes between resume checkpoints; 0: only at the end"),
        &T::checkpoint_every_minutes},
       {real("sample_every_minutes", "X", 0, kLongest, "Minutes between composed samples; 0: only at the end"),
        &T::sample_every_minutes},
       {flag("tensorboard", "Also write event files of TensorBoard beside metrics.csv"), &T::tensorboard}});
}

// A value as Field::default_value has it: numbers and choices; flags and paths have none.
std::string default_text(const Field& field, const OptionField::Member& member) {
  if (field.type == Type::kFlag || field.type == Type::kPath) return {};
  const TrainOptions defaults;
  return std::visit(
      [&](auto pointer) -> std::string {
        using Value = std::decay_t<decltype(defaults.*pointer)>;
        if constexpr (std::is_same_v<Value, std::string>) return defaults.*pointer;
        if constexpr (std::is_arithmetic_v<Value>) return options::number_text(double(defaults.*pointer));
        return {};
      },
      member);
}

std::vector<OptionField> all_fields() {
  std::vector<OptionField> all;
  add_run_fields(all);
  add_model_fields(all);
  add_step_fields(all);
  add_limit_fields(all);
  add_machine_fields(all);
  add_event_fields(all);
  for (OptionField& each : all) each.field.default_value = default_text(each.field, each.member);
  return all;
}

// Facts of the process and not of the run: not stored.
bool is_stored(const Field& field) { return field.name != "resume" && field.name != "replace"; }

const OptionField* find_field(std::string_view name) {
  for (const OptionField& each : option_fields()) {
    if (each.field.name == name) return &each;
  }
  return nullptr;
}

Error bad(std::string_view name, const std::string& what) {
  return {ErrorCode::invalid_argument, std::string(name) + ": " + what, {}, {}};
}

// Of text that the field's check has accepted.
void assign(std::string_view text, bool& out) { out = text == "true"; }
void assign(std::string_view text, std::string& out) { out = text; }
void assign(std::string_view text, std::filesystem::path& out) { out = text; }
template <typename Number>
void assign(std::string_view text, Number& out) {
  std::from_chars(text.data(), text.data() + text.size(), out);
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

// A member's value as the text that check() reads.
std::string check_text(bool value) { return value ? "true" : "false"; }
std::string check_text(const std::string& value) { return value; }
std::string check_text(const std::filesystem::path& value) { return value.string(); }
std::string check_text(double value) { return options::number_text(value); }
template <typename Whole>
requires std::is_integral_v<Whole> std::string check_text(Whole value) { return std::to_string(value); }

// Why an option has no effect beside the others; empty: it has one.
std::string_view why_unused(const TrainOptions& options, std::string_view name) {
  // One cycle rises and ends by itself.
  if (options.schedule == "one_cycle" && (name == "final_learning_rate" || name == "warmup_steps"))
    return "the schedule one_cycle does not use it: leave it out, or choose another schedule";
  if (options.optimiser == "adamw" && name == "muon_learning_rate")
    return "the optimiser adamw does not use it: leave it out, or choose muon";
  if (options.lora_rank > 0 && name == "muon_learning_rate")
    return "changes of lora_rank are moved by adamw, which does not use it: leave it out";
  return {};
}

}  // namespace

std::span<const OptionField> option_fields() {
  static const std::vector<OptionField> fields = all_fields();
  return fields;
}

std::string option_text(const TrainOptions& options, const OptionField& field) {
  return std::visit([&](auto member) { return check_text(options.*member); }, field.member);
}

bool is_asked(const TrainOptions& options, const OptionField& field) {
  static const TrainOptions defaults;
  return options.given.contains(field.field.name) || option_text(options, field) != option_text(defaults, field);
}

std::vector<options::Field> fields() {
  std::vector<options::Field> all;
  for (const OptionField& each : option_fields()) all.push_back(each.field);
  return all;
}

Status set_option(TrainOptions& options, std::string_view name, std::string_view value) {
  const OptionField* known = find_field(name);
  if (known == nullptr) return Error{ErrorCode::invalid_argument, "no option '" + std::string(name) + "'", {}, {}};
  CONTINUO_TRY(options::check(known->field, value, Syntax::kFile));
  std::visit([&](auto member) { assign(value, options.*member); }, known->member);
  options.given.insert(known->field.name);
  return {};
}

Status apply_toml(TrainOptions& options, std::string_view text) {
  CONTINUO_ASSIGN(const options::Values values, options::parse_toml(fields(), text));
  for (const OptionField& each : option_fields()) {
    if (values.given(each.field.name)) CONTINUO_TRY(set_option(options, each.field.name, values.text(each.field.name)));
  }
  return {};
}

Status apply_toml_file(TrainOptions& options, const std::filesystem::path& file) {
  CONTINUO_ASSIGN(const std::string text, read_text_file(file, 1 << 20));
  const Status status = apply_toml(options, text);
  return status ? Status{} : Status{status.error().in_file(file.string())};
}

std::string to_toml(const TrainOptions& options) {
  std::string out;
  for (const auto& [field, member] : option_fields()) {
    if (!is_stored(field) || !why_unused(options, field.name).empty()) continue;
    std::string value = std::visit([&](auto pointer) { return print_value(options.*pointer); }, member);
    if (field.type == Type::kUnsigned) value = '"' + value + '"';
    out += "# " + field.help + "\n" + field.name + " = " + value + "\n";
  }
  return out;
}

nlohmann::json options_json(const TrainOptions& options) {
  nlohmann::json out = nlohmann::json::object();
  for (const auto& [field, member] : option_fields()) {
    if (!is_stored(field) || field.type == Type::kPath) continue;
    std::visit(
        [&out, &options, name = field.name](auto pointer) {
          if constexpr (!std::is_same_v<decltype(pointer), std::filesystem::path T::*>) out[name] = options.*pointer;
        },
        member);
  }
  return out;
}

Status validate(const TrainOptions& options) {
  for (const OptionField& each : option_fields()) {
    CONTINUO_TRY(options::check(each.field, option_text(options, each), Syntax::kFile));
    const std::string_view unused = why_unused(options, each.field.name);
    if (options.given.contains(each.field.name) && !unused.empty()) return bad(each.field.name, std::string(unused));
  }
  if (options.output.empty()) return bad("output", "is missing");
  if (!neural::names_device(options.device))
    return bad("device", "is auto, cpu, cuda or cuda:N, not '" + options.device + "'");
  if (options.resume && options.replace) return bad("replace", "cannot be combined with resume");
  if (options.data.empty() && !options.resume) return bad("data", "is missing");
  if (options.validation_every_steps == 0 && options.validation_every_seconds == 0) {
    return bad("validation_every_steps", "this and validation_every_seconds are both 0, so nothing would be validated");
  }
  if (options.lora_rank > 0 && options.init_from.empty())
    return bad("lora_rank", "needs init_from, the model that is changed");
  if (options.lora_rank > 0 && options.optimiser == "muon")
    return bad("lora_rank", "its changes are moved by adamw, not by muon: leave optimiser out");
  if (const auto preset = checkpoint::preset_config(options.model, options.size); !preset) return preset.error();
  return {};
}

Result<checkpoint::ModelConfig> model_config(const TrainOptions& options, int vocabulary_size) {
  CONTINUO_ASSIGN(checkpoint::ModelConfig config, checkpoint::preset_config(options.model, options.size));
  config.vocab_size = vocabulary_size;
  config = checkpoint::changed(std::move(config), {.context_length = options.context_length,
                                                   .n_layers = options.n_layers,
                                                   .d_model = options.d_model,
                                                   .n_heads = options.n_heads,
                                                   .d_ff = options.d_ff,
                                                   .memory_length = options.memory_length});
  if (const auto positions = checkpoint::positions_named(options.positions)) config.positions = *positions;
  if (options.qk_norm != kOfPreset) config.qk_norm = options.qk_norm == kOn;
  if (options.dropout >= 0) config.dropout = options.dropout;
  if (options.tied_output >= 0) config.tied_output = options.tied_output == 1;
  CONTINUO_TRY(checkpoint::validate(config));
  if (config.memory_length > 0 && options.micro_batch > 0)
    return bad("micro_batch", "models with a memory compute a whole batch at once: leave it out");
  return config;
}

namespace {

// Found by short runs on the tunes of examples/corpus; narrow networks bear larger steps.
double default_learning_rate(const checkpoint::ModelConfig& config) {
  constexpr int kTiny = 128, kNarrow = 256;  // features
  const bool recurrent = config.family == checkpoint::Family::kRecurrent;
  if (config.d_model <= kTiny) return recurrent ? 5e-3 : 2e-3;
  if (config.d_model <= kNarrow) return recurrent ? 5e-3 : 1e-3;
  return recurrent ? 3e-3 : 6e-4;
}

}  // namespace

TrainOptions with_defaults(TrainOptions options, const checkpoint::ModelConfig& config, std::uint64_t data_tokens) {
  const bool recurrent = config.family == checkpoint::Family::kRecurrent;
  constexpr double kDefaultEpochs = 10;
  constexpr double kMuonLearningRate = 0.02;       // half and twice as much learn the JSB chorales worse
  constexpr std::uint64_t kSmallData = 5'000'000;  // tokens, of which a long run sees each many times
  constexpr int kAllKeys = 6;                      // semitones either way
  constexpr double kFineTuning = 3;                // so many times smaller are steps from weights that are good
  constexpr double kLowRank = 3;                   // so many times larger are those of low-rank changes
  if (options.optimiser == "auto") options.optimiser = recurrent || options.lora_rank > 0 ? "adamw" : "muon";
  if (options.augment_transpose < 0) options.augment_transpose = data_tokens <= kSmallData ? kAllKeys : 0;
  if (options.batch_size == 0) options.batch_size = recurrent ? 8 : 4;
  if (options.learning_rate == 0) {
    const double share = options.lora_rank > 0 ? kLowRank : options.init_from.empty() ? 1 : 1 / kFineTuning;
    options.learning_rate = default_learning_rate(config) * share;
  }
  if (options.muon_learning_rate == 0) {
    const double rate = kMuonLearningRate * options.learning_rate / default_learning_rate(config);
    options.muon_learning_rate = std::min(rate, kMostLearningRate);  // as the option may be
  }
  if (options.max_minutes == 0 && options.max_steps == 0 && options.epochs == 0) options.epochs = kDefaultEpochs;
  return options;
}

}  // namespace continuo::train
