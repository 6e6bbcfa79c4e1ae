#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/checkpoint/model_config.h"
#include "continuo/options/field.h"

namespace continuo::train {

// Everything that decides a training run. Every field but the last four is described in option_fields(), under its own
// name, which is also its key in a TOML file. 0 means "the default of the model" where it says so.
struct TrainOptions {
  std::filesystem::path data;    // a folder made by `continuo dataset build`
  std::filesystem::path output;  // the run's folder
  bool resume = false;           // continue the run in `output`
  bool replace = false;          // start afresh although `output` holds a run

  std::filesystem::path init_from;  // a model, or a run's folder, whose weights and shape the run begins with
  int lora_rank = 0;                // with init_from: of the changes of layers' matrices; 0: all weights are trained
  std::string model = "gpt2", size = "small";
  int context_length = 0, n_layers = 0, d_model = 0, n_heads = 0, d_ff = 0;  // 0: the preset's
  int memory_length = 0;                                                     // tokens; 0: the preset's
  std::string positions = "preset";        // learned, relative or rotary; "preset": the preset's
  std::string musical_positions = "auto";  // on, off; "auto": on for causal models, if the tokenisation has them
  std::string qk_norm = "preset";          // on or off; "preset": the preset's
  double dropout = -1;                     // below 0: the preset's
  int tied_output = -1;                    // 1 yes, 0 no, -1 the preset's

  int batch_size =
      0;  // windows per step; 0: 8 for the LSTM, 4 for Transformers: many small steps learn more in minutes
  int micro_batch = 0;  // windows of a step that are computed at once; 0: all
  // At its peak; 0: by width: LSTM 5e-3 up to 256 features, then 3e-3; Transformers 2e-3 up to 128, 1e-3 up to 256,
  // then 6e-4; with init_from a third of that, with lora_rank three times that.
  double learning_rate = 0;
  std::string optimiser = "auto";  // adamw; muon: of the matrices of layers, the rest is always AdamW's;
                                   // "auto": muon for Transformers, adamw for recurrent models
  double muon_learning_rate = 0;   // at its peak; 0: 0.02, times what learning_rate is of its own default
  double weight_decay = 0.05;
  std::string schedule = "cosine";   // of the learning rate: cosine, one_cycle or constant
  double final_learning_rate = 0.1;  // at the end of cosine and constant, as a share of the peak; 0 to 1
  int warmup_steps = 100;            // at most a tenth of the run; one_cycle has a rise of its own
  double ema = 0;  // decay of the average of weights, which is measured and kept, in each step; 0: no average
  double label_smoothing = 0;  // share of a target's probability that all tokens get alike, in training; 0 to 0.5
  double gradient_clip = 1;    // of the global norm; 0: never

  bool pack = false;           // windows hold several pieces, one after the other; for validation they never do
  int augment_transpose = -1;  // semitones, either way; -1: 6, which is all keys, for small data sets, else 0
  double augment_tempo = 0;    // share of the tempo, either way
  int augment_velocity = 0;    // MIDI velocities, either way
  double augment_jitter = 0;   // quarters, either way, of each onset
  // Share of the training windows that are rearranged for tasks (dataset/window_tasks.h); -1: 0.6 where the
  // tokenisation has cells and the model is causal, else 0.
  double task_share = -1;

  // The run ends at the first of these limits that is given; with none of them after 10 epochs.
  double max_minutes = 0;
  std::int64_t max_steps = 0;
  double epochs = 0;
  std::int64_t patience = 0;  // it ends earlier after so many validations without a better one; 0: never

  std::uint64_t seed = 0;
  int threads = 0;              // 0: one for each core
  std::string device = "auto";  // cpu, cuda or cuda:N; "auto": the first of CUDA where libtorch finds one, else cpu
  std::string precision = "auto";
  std::string kernels = "fused";  // the project's own, on the CPU; "plain": libtorch's functions, there to compare with

  std::int64_t validation_every_steps = 0;  // 0: by time alone
  double validation_every_seconds = 20;     // 0: by steps alone; never more than a tenth of the time
  std::int64_t validation_tokens = 65536;   // of one validation; 0: all
  double checkpoint_every_minutes = 5;
  double sample_every_minutes = 5;  // 0: only at the end
  bool tensorboard = false;         // also write the metrics as event files of TensorBoard

  std::string version, commit;  // of the program, for the model's provenance; not options

  // Names of the fields that set_option has set, to their default too. What has been asked for is refused where it
  // would have no effect.
  std::set<std::string, std::less<>> given;

  // Composes a sample with the model in `checkpoint` into `midi`. Its failure is noted, and ends nothing.
  std::function<Status(const std::filesystem::path& checkpoint, const std::filesystem::path& midi)> sampler;
};

// One field of TrainOptions: how it is written, and where its value goes.
struct OptionField {
  using Member = std::variant<bool TrainOptions::*, int TrainOptions::*, std::int64_t TrainOptions::*,
                              std::uint64_t TrainOptions::*, double TrainOptions::*, std::string TrainOptions::*,
                              std::filesystem::path TrainOptions::*>;
  options::Field field;
  Member member;
};
std::span<const OptionField> option_fields();

// The value of a field as text that set_option() reads: "gpt2", "0.001", "true".
std::string option_text(const TrainOptions& options, const OptionField& field);
// Whether the caller has asked for the value of a field: set_option has set it, or it is not the default.
bool is_asked(const TrainOptions& options, const OptionField& field);

// The fields alone, for a command line.
std::vector<options::Field> fields();

// Sets one field from text. Errors: invalid_argument (no such field, not a value of its type, outside its range, none
// of its choices).
Status set_option(TrainOptions& options, std::string_view name, std::string_view value);

// Sets the fields that a TOML file holds, at its top level, and leaves the others. Errors: not_found, io; malformed
// (not TOML); invalid_argument (unknown key, wrong type, out of range): `where` is the line.
Status apply_toml_file(TrainOptions& options, const std::filesystem::path& file);
Status apply_toml(TrainOptions& options, std::string_view text);
// All fields but `resume` and `replace`, and those that the schedule does not use, in an order and form that apply_toml
// reads back to equal options.
std::string to_toml(const TrainOptions& options);

// The same without paths, which mean nothing on another machine: for the model's provenance.
nlohmann::json options_json(const TrainOptions& options);

// Every field in its range, known names, and fields that fit together: none is `given` that the others leave without
// effect. Errors: invalid_argument, naming the field.
Status validate(const TrainOptions& options);

// The network that the options ask for, checked. Errors: those of preset_config and checkpoint::validate.
Result<checkpoint::ModelConfig> model_config(const TrainOptions& options, int vocabulary_size);
// The options with every "default of the model" or of the data replaced by its value. `data_tokens`: of the training
// split.
TrainOptions with_defaults(TrainOptions options, const checkpoint::ModelConfig& config, std::uint64_t data_tokens);

}  // namespace continuo::train
