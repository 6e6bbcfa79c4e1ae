#pragma once

#include <string_view>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"

#include "loop/setup.h"
#include "ranks/rank_group.h"

// How several processes begin a run together.
namespace continuo::train {

// The processes that the first one leads; null: it is alone.
struct Others {
  RankGroup* ranks = nullptr;
  bool know_run = false;
};

// Errors: invalid_argument (a run that several processes cannot share).
Status check_shareable(const Others& others, const Setup& setup);
// Sends what they need to make the same run.
void announce(Others& others, const Setup& setup);
// Ends the others, with the reason why there is no run. Does nothing once the run has been announced.
void refuse(Others& others, const Error& error);

// Of each of the others: the whole run. The options are the first one's, but for the place of the data and the threads.
// A stop that is requested of `progress` becomes one of the first.
// Errors: invalid_argument (the first one has refused); incompatible (other data than the first one's); those of
// prepare() and serve().
Status help(const TrainOptions& caller, RankGroup& ranks, const Progress& progress);

// Progress of the first process, whose user is not the only one that may stop the run.
class SharedProgress final : public Progress {
 public:
  // Requires: both outlive this.
  SharedProgress(Progress& own, const RankGroup& ranks) : own_(own), ranks_(ranks) {}
  void update(std::uint64_t done, std::uint64_t total, std::string_view note) override {
    own_.update(done, total, note);
  }
  bool stop_requested() const override { return own_.stop_requested() || ranks_.is_asked_to_stop(); }

 private:
  Progress& own_;
  const RankGroup& ranks_;
};

}  // namespace continuo::train
