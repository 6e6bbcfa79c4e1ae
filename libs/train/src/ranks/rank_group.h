#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>

#include "continuo/base/progress.h"
#include "continuo/base/result.h"

#include "ranks/launch.h"

// The processes that train one model together. Includes no header of libtorch.
namespace continuo::train {

// Another process has ended or cannot be reached. An exception, since it can come out of every sum, in the middle of a
// step, and nothing but the end of the run can be made of it.
struct RankLost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// One process's connection to the others. All of them have to call the same functions in the same order; each throws
// RankLost. A process that stops answering while it should live ends this one with a message, wherever that is.
class RankGroup {
 public:
  virtual ~RankGroup() = default;
  int rank() const { return rank_; }
  int size() const { return size_; }
  bool leads() const { return rank_ == 0; }
  bool is_on_one_host() const { return is_on_one_host_; }

  // The bytes of the first process, in all.
  virtual void broadcast(std::span<std::byte> bytes) = 0;
  // Adds up each element over the processes, in place. All have the same bits afterwards.
  virtual void sum(std::span<double> values) = 0;
  // The same, while this process does something else: the values are there after finish_sums(), which ends all that
  // have begun. Requires: their memory stays until then.
  virtual void begin_sum(std::span<float> values) = 0;
  virtual void finish_sums() = 0;
  // Has the first process save and end, as its user's wish would. From any thread.
  virtual void ask_to_stop() = 0;
  // Of the first process: whether another has asked. From any thread.
  virtual bool is_asked_to_stop() const = 0;
  // Waits for all; from here on it is no fault that a process ends.
  virtual void part() = 0;

 protected:
  explicit RankGroup(const Launch& launch)
      : rank_(launch.rank), size_(launch.size), is_on_one_host_(launch.on_this_host == launch.size) {}

 private:
  int rank_, size_;
  bool is_on_one_host_;
};

// Waits until all processes are there, five minutes at most; `progress` shows what for.
// Errors: io (they are not, or the port is taken); interrupted; unsupported (built without gloo, which libtorch
// connects processes with).
Result<std::unique_ptr<RankGroup>> join(const Launch& launch, Progress& progress);

}  // namespace continuo::train
