#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>

namespace continuo {

// CPU time of some processors since the system has started. Units: seconds, summed over the processors.
struct CpuTimes {
  double busy = 0;    // with programs and the system's own work
  double stolen = 0;  // in which a processor of this virtual machine had work and the host gave it no time
  double all = 0;     // idle time included
};
// Of the text of /proc/stat; nullopt where it lacks one of the processors. Source: proc_stat(5).
std::optional<CpuTimes> parse_cpu_times(std::string_view stat, std::span<const int> processors,
                                        double ticks_per_second);
// Threads of all programs that run or could run.
std::optional<int> parse_running_threads(std::string_view stat);

// What else ran while something was measured. Shares are in processors: 0.5 is half the time of one. Unknown is
// what the system does not tell.
struct MachineLoad {
  int processors = 1;                  // that this process may run on; the rest is of these alone
  std::optional<double> foreign_cpus;  // used by other programs, and by the system for them
  std::optional<double> stolen_cpus;   // taken by the host of a virtual machine
  std::optional<double>
      run_queue;  // threads of all programs on the whole machine, this one's included: the mean of the samples
  std::optional<int> longest_run_queue;

  // More than 5 % of one processor was not to be had.
  bool disturbed() const;
};

// Watches the machine from its construction on. What this process uses is not foreign, nor what its children use if
// they have ended and been waited for before read(). Ticks are 10 ms, so over less than a second the shares are rough.
class LoadMeter {
 public:
  LoadMeter();
  // Looks at the queue of threads that could run, if the last look is 100 ms ago; may be called often.
  void sample();
  MachineLoad read() const;

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_, last_sample_;
  std::optional<CpuTimes> times_;
  double own_ = 0;
  int samples_ = 0, longest_ = 0;
  double sum_ = 0;
};

}  // namespace continuo
