#include "loop/worker.h"

#include <cstddef>
#include <string>

#include "continuo/base/progress.h"

#include "ranks/command.h"

namespace continuo::train {
namespace {

// Changes the state of all but the first.
void share_weights(RankGroup& ranks, TrainedModel& model) {
  for (const ParameterState& parameter : model.state()) {
    for (const std::span<float> values :
         {parameter.value, parameter.first_moment, parameter.second_moment, parameter.average})
      ranks.broadcast(std::as_writable_bytes(values));
  }
}

}  // namespace

void send_weights(RankGroup& ranks, TrainedModel& model) {
  send(ranks, {.kind = Command::Kind::kWeights});
  share_weights(ranks, model);
}

Status serve(RankGroup& ranks, TrainedModel& model, TrainingStep& steps, const RunData& data,
             const Progress& progress) {
  bool has_asked = false;
  while (true) {
    if (!has_asked && progress.stop_requested()) {
      ranks.ask_to_stop();
      has_asked = true;
    }
    const Command command = receive(ranks);
    switch (command.kind) {
      case Command::Kind::kWeights:
        share_weights(ranks, model);
        model.accept_state();
        break;
      case Command::Kind::kStep:
        if (steps.take(command.step, command.learning_rate).out_of_memory) {
          return Error{ErrorCode::too_large, "memory does not suffice for one window at a time",
                       "step " + std::to_string(command.step + 1)};
        }
        break;
      case Command::Kind::kEvaluate: {
        const MovedWeights::AverageInUse averaged(model.weights());
        model.evaluate(data.validation(), command.most_tokens, NoProgress());
        break;
      }
      case Command::Kind::kSetup:
      case Command::Kind::kRefuse:
      case Command::Kind::kEnd:
        return {};
    }
  }
}

}  // namespace continuo::train
