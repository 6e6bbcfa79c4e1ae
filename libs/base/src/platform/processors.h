#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

// Which processors a program that only computes should use, by what Linux tells in files. Pure functions of the files
// below `root` ("/", but in tests) and of the processors that the process may run on. A file that is missing or makes
// no sense changes nothing: then each processor counts as a core of its own, as fast as the others and without a
// quota.
namespace continuo::platform {

// Numbers of processors, ascending.
using Processors = std::vector<int>;

// "0-3,8", as the kernel writes it; nullopt for anything else. Range: numbers below 65,536.
std::optional<Processors> parse_processor_list(std::string_view text);

// The first processor of each core. The hyperthreads of a core share its arithmetic, of which products of matrices
// leave nothing over: a second thread only adds to what the caches must hold and to the waiting at barriers. Of a core
// of which only some hyperthreads are allowed, the first of those.
Processors one_of_each_core(const std::filesystem::path& root, const Processors& allowed);

// Those of `cores` that finish work soonest together, where barriers wait for the slowest: the cores that are at least
// as fast as the class for which (number of cores) x (speed of the slowest) is greatest; of equals the fewer. Speeds
// are the kernel's (cpu_capacity, on ARM); of Intel's hybrids, whose kernel tells only the class, kSlowClassSpeed. Of
// four large and four small cores these are the large ones; of two and eight, all ten.
Processors fastest_together(const std::filesystem::path& root, const Processors& cores);

// Of a core of Intel's slow class against one of the fast class: two vector units of half the width, at three quarters
// of the clock.
inline constexpr double kSlowClassSpeed = 0.4;

// CPUs that the control groups of this process leave it, the tightest of its own group and all above it that can be
// seen; infinity without a quota. Version 2 (cpu.max) and 1 (cpu.cfs_quota_us). Source: Linux,
// admin-guide/cgroup-v2.rst and scheduler/sched-bwc.rst.
double cpu_quota(const std::filesystem::path& root);

// As many threads as processors, but no more than the quota has whole CPUs, and at least 1. A quota of 1.5 gives one:
// it is counted in periods of some 100 ms, at whose end all threads stand still when it is spent. Two threads would
// stand still for a quarter of the time, one of them often first, while the other spends at a barrier, spinning, what
// is left.
int threads_within(int processors, double quota);

// What the processor calls itself in /proc/cpuinfo, on one line; empty where it does not.
std::string_view parse_cpu_model(std::string_view cpuinfo);

}  // namespace continuo::platform
