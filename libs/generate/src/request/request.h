#pragma once

#include "continuo/base/progress.h"
#include "continuo/base/thread_pool.h"
#include "continuo/generate/composer.h"
#include "continuo/generate/options.h"

#include "../length/length_goal.h"
#include "../rules/token_facts.h"
#include "history.h"

namespace continuo::generate {

// One call of compose(): the model, the rules, and how much new music. Refers to what compose() holds.
struct Request {
  const Composer& composer;
  const TokenFacts& facts;
  const ComposeOptions& options;
  ThreadPool& threads;
  Progress& progress;
  LengthGoal goal = {};         // set by the task
  double start_seconds = 0;     // of the new music, on the tokenisation's length meter; no new note begins earlier
  History::Limits limits = {};  // of what is drawn

  // Whether `drawn` new tokens that end at `seconds` on the length meter are as long as the limit in tokens or the
  // goal in seconds asks.
  bool is_reached(std::size_t drawn, double seconds) const {
    return drawn >= goal.max_tokens || (goal.seconds && seconds >= end_seconds());
  }
  // Sums of steps are not exact, so music counts as long enough a little early. Requires: goal.seconds.
  double end_seconds() const { return start_seconds + *goal.seconds - kTimeTolerance; }
};

inline Error interrupted() { return Error{ErrorCode::interrupted, "composing was stopped"}; }

}  // namespace continuo::generate
