#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace continuo::train {

enum class StoppedBy { kCompleted, kTimeLimit, kNoImprovement, kInterrupted };
std::string_view to_string(StoppedBy reason);  // "completed", "time limit", "no improvement", "interrupted"

struct TrainReport {
  std::int64_t steps = 0;    // since the run's beginning
  std::uint64_t tokens = 0;  // predicted in training, since the beginning
  double epochs = 0;
  double tokens_per_s = 0;              // of this process, training alone
  double final_loss = 0;                // mean of the last steps
  double best_validation_nll = 0;       // nats per token of best.safetensors; masked tokens for bidirectional models
  std::uint64_t validation_tokens = 0;  // over which that was measured at the end
  double elapsed_sec = 0;               // since the beginning, all processes together
  std::int64_t parameters = 0;
  std::uint64_t peak_memory_bytes = 0;
  std::string precision;  // fp32 or bf16
  StoppedBy stopped_by = StoppedBy::kCompleted;
  std::vector<std::string> notes;  // one line each, for people
};

}  // namespace continuo::train
