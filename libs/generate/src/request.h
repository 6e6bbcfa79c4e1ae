#pragma once

#include "continuo/generate/compose.h"

#include "length_goal.h"
#include "token_facts.h"

namespace continuo::generate {

// What has to be written: by which model, by which rules, how far. Refers to what compose() holds.
struct Request {
  const Composer& composer;
  const TokenFacts& facts;
  const ComposeOptions& options;
  LengthGoal goal;
  double start_seconds = 0;  // of the new music, on the tokenisation's length meter; no note may begin earlier
  ThreadPool& threads;
  Progress& progress;
};

inline Error interrupted() { return Error{ErrorCode::interrupted, "composing was stopped"}; }

}  // namespace continuo::generate
