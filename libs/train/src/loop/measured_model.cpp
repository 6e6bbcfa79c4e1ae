#include "loop/measured_model.h"

#include "loop/worker.h"
#include "ranks/command.h"

namespace continuo::train {

std::optional<ValidationNll> MeasuredModel::evaluate(std::uint64_t most_tokens) {
  if (others_ != nullptr) send(*others_, {.kind = Command::Kind::kEvaluate, .most_tokens = most_tokens});
  const MovedWeights::AverageInUse averaged(model_.weights());
  return model_.evaluate(data_.validation(), most_tokens, progress_);
}

checkpoint::Provenance MeasuredModel::provenance() const {
  const auto tokens = [](std::uint64_t count) { return static_cast<std::int64_t>(count); };
  return {.data_set = data_.set().name(),
          .data_licence = data_.set().licence(),
          .split = data_.set().split_rule(),
          .seed = state_.options.seed,
          .commit = state_.options.commit,
          .steps = state_.position.step,
          .tokens_seen = tokens(state_.position.tokens),
          .training_sec = state_.clock.elapsed_sec(),
          .data_fingerprint = data_.set().source_fingerprint(),
          .data_tokens = tokens(state_.position.data_tokens),
          .longest_note = data_.longest_note(),
          .version = state_.options.version,
          .options = options_json(state_.options)};
}

Status MeasuredModel::write(const std::filesystem::path& path, const checkpoint::Provenance& provenance) {
  const MovedWeights::AverageInUse averaged(model_.weights());
  return checkpoint::write_checkpoint(path, state_.config, data_.set().tokenizer(), provenance,
                                      model_.network().export_weights());
}

Result<checkpoint::Provenance> MeasuredModel::read(const std::filesystem::path& path) {
  CONTINUO_ASSIGN(const auto opened, checkpoint::Checkpoint::open(path));
  {
    const MovedWeights::AverageInUse averaged(model_.weights());
    CONTINUO_TRY(model_.network().import_weights(opened.file.tensors()));
  }
  if (others_ != nullptr) send_weights(*others_, model_);
  return opened.provenance;
}

}  // namespace continuo::train
