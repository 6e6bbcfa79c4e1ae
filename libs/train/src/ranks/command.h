#pragma once

#include <cstdint>
#include <string>

#include "ranks/rank_group.h"

namespace continuo::train {

// What the first process has the others do with it. They know no clocks, files, hooks or users.
struct Command {
  enum class Kind : std::int64_t {
    kSetup,     // receive the options, the position and the data of the run, as texts
    kRefuse,    // receive, as a text, why there is no run
    kWeights,   // receive all values, moments and averages
    kStep,      // take step number `step` at this learning rate
    kEvaluate,  // measure `most_tokens` of the validation split
    kEnd
  };
  Kind kind = Kind::kEnd;
  std::int64_t step = 0;
  double learning_rate = 0;
  std::uint64_t most_tokens = 0;
};

void send(RankGroup& ranks, Command command);
Command receive(RankGroup& ranks);
void send(RankGroup& ranks, std::string text);
std::string receive_text(RankGroup& ranks);

}  // namespace continuo::train
