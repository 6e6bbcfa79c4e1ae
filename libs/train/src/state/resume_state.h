#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/checkpoint/safetensors.h"
#include "continuo/train/options.h"

namespace continuo::train {

// What a run needs, besides its options, to continue as if it had never stopped. There is no state of a random number
// generator, since every draw is a function of (seed, step).
struct RunPosition {
  std::int64_t step = 0;     // done
  std::uint64_t tokens = 0;  // predicted so far
  double elapsed_sec = 0;
  double best_nll = 0;  // 0: none yet
  std::int64_t validations_since_best = 0;
  std::string precision;
  int vocabulary_size = 0;
  bool new_words = false;         // the model that the run began with lacked some of them
  std::uint64_t data_tokens = 0;  // of the training split, to recognise other data
};

// As JSON. Errors: malformed, incompatible.
std::string to_text(const RunPosition& position);
Result<RunPosition> position_from_text(const std::string& text);

// One parameter with its moments: views of the trainer's memory. What Muon moves has no second moment,
// and what a layer remembers of earlier windows none at all.
struct ParameterState {
  std::string name;
  std::vector<std::int64_t> shape;
  std::span<float> value, first_moment, second_moment;
  std::span<float> average = {};  // empty: the run has none
};

// resume.safetensors: tensors "value/NAME", "first_moment/NAME", "second_moment/NAME", "average/NAME"; metadata
// "continuo.train" (JSON: the position) and "continuo.options" (TOML). One file, written atomically: it is from one
// step or not there at all.
struct ResumeState {
  TrainOptions options;  // complete; none counts as given
  RunPosition position;
  checkpoint::SafetensorsFile file;

  // Errors: not_found, and malformed, truncated or wrong_format for a broken file.
  static Result<ResumeState> open(const std::filesystem::path& path);
  // Errors: malformed, when a tensor is missing, of another shape or not finite; nothing is copied then.
  Status copy_to(std::span<const ParameterState> parameters) const;
};

// Errors: invalid_argument, where a number is not finite, naming the tensor and the step (nothing is written then), and
// those of checkpoint::write_safetensors.
Status write_resume_state(const std::filesystem::path& path, const TrainOptions& options, const RunPosition& position,
                          std::span<const ParameterState> parameters);

}  // namespace continuo::train
