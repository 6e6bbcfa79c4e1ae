#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "continuo/checkpoint/model_config.h"
#include "continuo/train/options.h"

#include "state/resume_state.h"
#include "state/run_clock.h"

namespace continuo::train {

// What the parts of a run share. Each field has one writer, which is named; everybody else reads.
struct RunState {
  TrainOptions options;                // complete: no default is left open
  checkpoint::ModelConfig config;      // of the network
  RunPosition position;                // step, tokens: the loop; elapsed_sec: saving; the rest: validation
  std::uint64_t best_tokens = 0;       // over which best_nll was measured, 0 if by an earlier process: validation
  std::uint64_t training_windows = 0;  // of an epoch
  std::uint64_t validation_windows = 0, validation_targets = 0;  // 0: the data set has no validation pieces
  RunClock clock;
  std::vector<std::string> notes;  // for the report: anybody

  double epochs() const {
    return static_cast<double>(position.step) * options.batch_size / static_cast<double>(training_windows);
  }
  std::filesystem::path file(const char* name) const { return options.output / name; }
};

}  // namespace continuo::train
