#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "continuo/base/machine_load.h"
#include "continuo/base/platform/busy_processes.h"
#include "continuo/base/progress.h"
#include "continuo/cli/command.h"
#include "continuo/cli/console.h"

namespace continuo::cli {

// --busy N: processes that compute beside what is measured.
Field busy_option();

// What a benchmark says of the machine that it ran on: the processor, what other programs took of it meanwhile, and
// what ran beside it on purpose. Watches from its start to finish().
class WatchedMachine {
 public:
  // Starts the processes of --busy. To be called before much memory is in use. Errors: those of BusyProcesses::start.
  static Result<WatchedMachine> start(const Arguments& arguments);

  // Samples the load of the machine whenever work reports progress, and passes that on.
  class Progress final : public continuo::Progress {
   public:
    Progress(WatchedMachine& machine, continuo::Progress& shown) : machine_(machine), shown_(shown) {}
    void update(std::uint64_t done, std::uint64_t total, std::string_view note) override {
      machine_.meter_.sample();
      shown_.update(done, total, note);
    }
    bool stop_requested() const override { return shown_.stop_requested(); }

   private:
    WatchedMachine& machine_;
    continuo::Progress& shown_;
  };

  // Ends the busy processes.
  void finish();

  // " beside 2 busy processes"; empty without any.
  std::string beside() const;
  // After finish(): the fields cpu, processors, cores, nice, busy, foreign_cpus, stolen_cpus, run_queue and
  // run_queue_max of the result, null where unknown, and two lines of which the text begins at `column`. `threads` are
  // those that were measured.
  void report(int threads, std::size_t column, Console& console) const;

 private:
  explicit WatchedMachine(platform::BusyProcesses&& processes)
      : processes_(std::move(processes)), busy_(int(processes_.ids().size())) {}

  LoadMeter meter_;
  platform::BusyProcesses processes_;
  int busy_;
  MachineLoad load_;
};

// "other programs used 0.48 of 2 processors, 0.02 stolen: the figures are too low", or "may be too low" where they
// left enough processors for `threads` threads; "quiet (others 0.01 of 2 processors)"; "load unknown".
std::string load_text(const MachineLoad& load, int threads);

}  // namespace continuo::cli
