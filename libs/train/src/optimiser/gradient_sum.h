#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <torch/types.h>

#include "continuo/neural/network.h"

#include "ranks/rank_group.h"

namespace continuo::train {

// Adds up the gradients of the processes that train one model while the backward pass is still at work: parameters lie
// in buckets, last layer first, which is about the order in which their gradients come, and a bucket is sent as soon as
// all its gradients are there and those before it are sent. So all processes send the same buckets in the same order,
// also one whose part of the batch has no targets, and which sends zeros at the end.
// Source: Li et al., "PyTorch Distributed: Experiences on Accelerating Data Parallel Training", VLDB 2020, section 3.2.
class GradientSum {
 public:
  // Requires: both outlive this; fp32.
  GradientSum(RankGroup& ranks, const std::vector<neural::Parameter>& parameters);
  ~GradientSum();
  GradientSum(const GradientSum&) = delete;
  GradientSum& operator=(const GradientSum&) = delete;

  // A backward pass begins, or begins anew for lack of memory: what has been sent is not sent again, since it is the
  // same.
  void begin();
  // What comes next adds the last part of this process to the gradients, so that they are complete when they come.
  void expect_last() { is_last_ = true; }
  // Sends the rest, waits for all, and replaces the gradients by their sums.
  void finish();

 private:
  struct Bucket {
    std::vector<std::size_t> parameters;
    std::vector<float> values;
    std::size_t missing = 0;  // gradients of this step
  };
  class Arrival;
  void expect_all(Bucket& bucket);
  void arrive(std::size_t parameter);
  void send_ready();
  void send(Bucket& bucket);

  RankGroup& ranks_;
  const std::vector<neural::Parameter>& parameters_;
  std::vector<Bucket> buckets_;
  std::vector<std::size_t> bucket_of_;               // by parameter
  std::vector<bool> has_come_;                       // by parameter
  std::vector<std::shared_ptr<void>> accumulators_;  // what keeps the hooks alive, in the pointers of this libtorch
  std::size_t sent_ = 0;                             // buckets
  bool is_last_ = false;
};

}  // namespace continuo::train
