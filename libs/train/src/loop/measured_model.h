#pragma once

#include "continuo/base/progress.h"

#include "data/run_data.h"
#include "hooks/run_model.h"
#include "optimiser/trained_model.h"
#include "ranks/rank_group.h"
#include "state/run_state.h"

namespace continuo::train {

// The network that is trained, as the hooks see it: with the average of its weights, where there is one, so that the
// average is what is measured, written and read back.
class MeasuredModel final : public RunModel {
 public:
  // Requires: all outlive this.
  // `others`: the processes that train it together, of which this one leads; null: there are none.
  MeasuredModel(TrainedModel& model, const RunData& data, const RunState& state, const Progress& progress,
                RankGroup* others)
      : model_(model), data_(data), state_(state), progress_(progress), others_(others) {}

  std::optional<ValidationNll> evaluate(std::uint64_t most_tokens) override;
  checkpoint::Provenance provenance() const override;
  Status write(const std::filesystem::path& path, const checkpoint::Provenance& provenance) override;
  Result<checkpoint::Provenance> read(const std::filesystem::path& path) override;
  std::vector<ParameterState> parameters() override { return model_.state(); }

 private:
  TrainedModel& model_;
  const RunData& data_;
  const RunState& state_;
  const Progress& progress_;
  RankGroup* others_;
};

}  // namespace continuo::train
