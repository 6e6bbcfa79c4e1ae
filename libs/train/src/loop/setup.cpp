#include "loop/setup.h"

#include "continuo/base/text.h"
#include "continuo/checkpoint/tensor_names.h"
#include "continuo/dataset/note_lengths.h"
#include "continuo/neural/device.h"
#include "continuo/runs/run_files.h"
#include "continuo/tokens/registry.h"

#include "loop/initial_model.h"
#include "optimiser/low_rank.h"

namespace continuo::train {
namespace {

Status check_same_data(const RunPosition& position, const dataset::TokenDataset& data,
                       const std::filesystem::path& folder) {
  const bool same = position.vocabulary_size == data.vocabulary_size() &&
                    position.data_tokens == data.split(dataset::Split::kTrain).tokens();
  if (same) return {};
  return Error{ErrorCode::incompatible, "the data set is not the one that the run was started with", "",
               folder.string()};
}

dataset::Augmentation augmentation(const TrainOptions& options) {
  return {.transpose_down = options.augment_transpose,
          .transpose_up = options.augment_transpose,
          .slowest = 1 - options.augment_tempo,
          .fastest = 1 + options.augment_tempo,
          .velocity_shift = options.augment_velocity,
          .jitter_quarters = options.augment_jitter};
}

// Gives the network a vector of each musical place that the tokenisation distinguishes.
Status add_musical_places(Setup& setup, const tokens::Tokenizer& tokenizer) {
  const bool causal = setup.config.masking == checkpoint::Masking::kCausal;
  const std::string& wanted = setup.options.musical_positions;
  if (wanted == "off") return {};
  auto places = std::make_shared<const dataset::MusicalPlaces>(tokenizer);
  const tokens::PositionRange range = places->range();
  const bool is_known = causal || range.by_count;
  if (is_known && range.places > 1) setup.config.places = range.places;
  if (is_known && range.slots > 1) setup.config.slots = range.slots;
  if (setup.config.has_musical_places()) {
    setup.data.places = std::move(places);
  } else if (wanted == "on") {
    setup.notes.push_back(std::string("the tokenisation has no musical positions") +
                          (causal ? "" : " that are known where tokens are masked"));
  }
  return checkpoint::validate(setup.config);
}

// Has windows rearranged, where that is asked or left open and possible.
Status add_tasks(Setup& setup, const std::shared_ptr<const tokens::Tokenizer>& tokenizer) {
  constexpr double kUsualShare = 0.6;
  double& share = setup.options.task_share;
  const bool possible = tokenizer->track_cells() != nullptr && !setup.options.pack &&
                        setup.config.masking == checkpoint::Masking::kCausal && setup.config.memory_length == 0;
  if (share > 0 && !possible) {
    return Error{ErrorCode::invalid_argument,
                 "--task-share needs a data set of the tokenizer bar_tracks and a causal model without a memory, whose "
                 "windows are not packed"};
  }
  if (share < 0) share = possible ? kUsualShare : 0;
  if (share > 0) setup.data.tasks = std::make_shared<const dataset::WindowTasks>(tokenizer, share);
  return {};
}

// What composing keeps to by default.
void measure_notes(Setup& setup, const tokens::Tokenizer& tokenizer) {
  constexpr double kShare = 0.999;
  constexpr std::size_t kMostPieces = 256;
  setup.data.longest_note =
      dataset::longest_note_of(setup.data.set.split(dataset::Split::kTrain), tokenizer, kShare, kMostPieces);
}

// Errors: incompatible, naming the file.
Status begin_with(Setup& setup, checkpoint::Checkpoint initial, const tokens::Tokenizer& tokenizer) {
  const std::string file = setup.options.init_from.string();
  auto words = words_of_model(initial, tokenizer);
  if (!words.ok()) return words.error().in_file(file);
  checkpoint::ModelConfig wanted = initial.model;
  wanted.dropout = setup.config.dropout;
  wanted.vocab_size = setup.config.vocab_size;
  wanted.context_length = setup.config.context_length;  // options_of_model() has compared it where it matters
  if (setup.config != wanted)
    return Error{ErrorCode::incompatible, "the model has parts that no option of training gives", {}, file};
  if (*words) setup.notes.push_back("the model's vocabulary becomes that of the data set: " + (*words)->summary());
  setup.position.new_words = *words && (*words)->added > 0;
  setup.words = std::move(*words);
  setup.initial = std::move(initial);
  return {};
}

// A change has at most the rank of the smallest matrix. Adds a note of how many weights are trained.
Status check_lora_rank(Setup& setup) {
  const std::int64_t rank = setup.options.lora_rank;
  if (rank == 0) return {};
  std::int64_t trained = 0;
  for (const checkpoint::TensorSpec& spec : checkpoint::tensor_specs(setup.config)) {
    if (spec.matrices.empty()) continue;
    const std::int64_t largest = LowRankMatrices::largest_rank(spec);
    if (rank > largest) {
      return Error{ErrorCode::invalid_argument, "lora_rank is " + std::to_string(rank) +
                                                    ", but the smallest side of the matrices of " + spec.name + " is " +
                                                    std::to_string(largest)};
    }
    const auto matrices = static_cast<std::int64_t>(spec.matrices.size());
    trained += rank * (matrices * spec.shape.back() + spec.shape.front());
  }
  setup.notes.push_back("lora_rank " + std::to_string(rank) + " trains " +
                        grouped(static_cast<std::uint64_t>(trained)) + " weights" +
                        (setup.position.new_words ? ", and those of words," : "") + " and keeps the others");
  return {};
}

// A batch must not be larger than an epoch.
Status fit_batch_size(Setup& setup) {
  const dataset::WindowBatches windows(
      setup.data.set.split(dataset::Split::kTrain),
      {.context_length = setup.config.context_length,
       .batch_size = 1,
       .packing = setup.options.pack ? dataset::WindowPacking::kPacked : dataset::WindowPacking::kOnePiece,
       .memory_length = setup.config.memory_length});
  if (windows.windows() == 0) {
    return Error{ErrorCode::empty, "the data set has no training pieces", "", setup.options.data.string()};
  }
  if (windows.windows() < static_cast<std::uint64_t>(setup.options.batch_size)) {
    setup.options.batch_size = static_cast<int>(windows.windows());
    setup.notes.push_back("the data set fills only " + std::to_string(windows.windows()) +
                          " windows, which is the batch size now");
  }
  return {};
}

// A resumed run keeps its precision, whatever its options leave open.
Status start_runtime(Setup& setup) {
  const TrainOptions& options = setup.options;
  const std::string& stored = setup.position.precision;
  CONTINUO_ASSIGN(const auto precision, neural::precision_from_string(stored.empty() ? options.precision : stored));
  const int threads = options.threads > 0 ? options.threads : neural::default_threads();
  CONTINUO_ASSIGN(const std::string device, neural::find_device(options.device));
  const bool is_far = device != neural::kCpu, is_fused = options.kernels == "fused";
  if (is_far && is_fused && options.given.contains("kernels")) {
    return Error{ErrorCode::invalid_argument,
                 "--kernels fused works on the CPU: leave it out, or add --device cpu to leave " + device + " alone"};
  }
  setup.runtime = neural::prepare_runtime({threads, precision, is_fused && !is_far, device});
  if (!setup.runtime.warning.empty()) setup.notes.push_back(setup.runtime.warning);
  if (is_far) setup.notes.push_back("computed on " + device);
  setup.position.precision = neural::to_string(setup.runtime.precision);
  return {};
}

}  // namespace

Result<Setup> prepare(const TrainOptions& asked, const RunPosition& position) {
  CONTINUO_ASSIGN(dataset::TokenDataset data, dataset::TokenDataset::open(asked.data));
  TrainOptions options = asked;
  std::optional<checkpoint::Checkpoint> initial;
  if (!options.init_from.empty() && position.step == 0) {
    CONTINUO_ASSIGN(const auto file, runs::model_file(options.init_from));
    CONTINUO_ASSIGN(initial, checkpoint::Checkpoint::open(file));
    const auto settled = options_of_model(options, *initial, data);
    if (!settled.ok()) return settled.error().in_file(file.string());
    options = *settled;
  }
  if (position.data_tokens > 0) CONTINUO_TRY(check_same_data(position, data, options.data));
  CONTINUO_ASSIGN(const checkpoint::ModelConfig config, model_config(options, data.vocabulary_size()));

  const std::uint64_t training_tokens = data.split(dataset::Split::kTrain).tokens();
  Setup setup{with_defaults(options, config, training_tokens), config, {data, {}, {}, {}, 0}, {}, position, {}, {}, {}};
  CONTINUO_ASSIGN(const auto tokenizer, tokens::tokenizer_from_json(data.tokenizer()));
  CONTINUO_TRY(add_musical_places(setup, *tokenizer));
  CONTINUO_TRY(add_tasks(setup, tokenizer));
  measure_notes(setup, *tokenizer);
  if (initial) CONTINUO_TRY(begin_with(setup, std::move(*initial), *tokenizer));
  if (const auto moves = augmentation(setup.options); !moves.changes_nothing()) {
    CONTINUO_ASSIGN(setup.data.augmented, dataset::AugmentedPieces::make(data, moves, options.seed));
  }
  CONTINUO_TRY(check_lora_rank(setup));
  CONTINUO_TRY(fit_batch_size(setup));
  CONTINUO_TRY(start_runtime(setup));
  if (setup.options.label_smoothing > 0) {
    setup.notes.push_back(
        "the training loss is that of smoothed labels, so it is larger than an NLL; validation is not smoothed");
  }
  setup.position.vocabulary_size = data.vocabulary_size();
  setup.position.data_tokens = training_tokens;
  return setup;
}

TrainedModel::Arithmetic arithmetic_of(const Setup& setup, RankGroup* ranks) {
  return {.fused = setup.options.kernels == "fused",
          .bf16 = setup.runtime.precision == neural::Precision::kBf16,
          .muon = setup.options.optimiser == "muon",
          .lora_rank = setup.options.lora_rank,
          .lora_words = setup.position.new_words,
          .label_smoothing = setup.options.label_smoothing,
          .ema = setup.options.ema,
          .batch_size = setup.options.batch_size,
          .micro_batch = setup.options.micro_batch,
          .ranks = ranks,
          .device = torch::Device(setup.runtime.device)};
}

}  // namespace continuo::train
