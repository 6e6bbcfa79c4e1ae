#include "continuo/base/machine_load.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "continuo/base/file.h"
#include "continuo/base/platform/platform.h"

namespace continuo {
namespace {

constexpr double kNoticed = 0.05;  // processors
constexpr std::chrono::milliseconds kPause(100);

std::string stat_text() {
  auto text = read_text_file("/proc/stat");
  return text.ok() ? std::move(*text) : std::string();
}

// Columns of a processor's line.
enum Column { kUser, kNice, kSystem, kIdle, kWaiting, kInterrupts, kSoftInterrupts, kSteal, kColumns };

// What stands behind a word at the beginning of a line, in numbers; fewer than `most` where the line ends before.
template <typename Number>
std::size_t numbers_after(std::string_view text, const std::string& word, std::span<Number> numbers) {
  const std::size_t found = text.starts_with(word) ? 0 : text.find("\n" + word);
  if (found == std::string_view::npos) return 0;
  const char* begin = text.data() + found + word.size() + (found == 0 ? 0 : 1);
  const char* const end = text.data() + text.size();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    while (begin < end && *begin == ' ') ++begin;
    const auto [next, error] = std::from_chars(begin, end, numbers[i]);
    if (error != std::errc()) return i;
    begin = next;
  }
  return numbers.size();
}

}  // namespace

std::optional<CpuTimes> parse_cpu_times(std::string_view stat, std::span<const int> processors,
                                        double ticks_per_second) {
  CpuTimes times;
  for (const int processor : processors) {
    std::array<std::uint64_t, kColumns> ticks{};  // before Linux 2.6.11 there was no time stolen
    if (numbers_after<std::uint64_t>(stat, "cpu" + std::to_string(processor) + " ", ticks) < kSteal)
      return std::nullopt;
    const auto seconds = [&](std::initializer_list<Column> columns) {
      std::uint64_t sum = 0;
      for (const Column column : columns) sum += ticks[column];
      return double(sum) / ticks_per_second;
    };
    const double busy = seconds({kUser, kNice, kSystem, kInterrupts, kSoftInterrupts});
    times.busy += busy;
    times.stolen += seconds({kSteal});
    times.all += busy + seconds({kIdle, kWaiting, kSteal});
  }
  return times;
}

std::optional<int> parse_running_threads(std::string_view stat) {
  std::array<int, 1> running{};
  if (numbers_after<int>(stat, "procs_running ", running) < 1) return std::nullopt;
  return running[0];
}

bool MachineLoad::disturbed() const { return foreign_cpus.value_or(0) + stolen_cpus.value_or(0) > kNoticed; }

LoadMeter::LoadMeter()
    : start_(Clock::now()),
      times_(parse_cpu_times(stat_text(), platform::allowed_processors(), platform::ticks_per_second())),
      own_(platform::cpu_seconds()) {}

void LoadMeter::sample() {
  const auto now = Clock::now();
  if (samples_ > 0 && now - last_sample_ < kPause) return;
  last_sample_ = now;
  const auto running = parse_running_threads(stat_text());
  if (!running) return;
  ++samples_;
  sum_ += *running;
  longest_ = std::max(longest_, *running);
}

MachineLoad LoadMeter::read() const {
  MachineLoad load;
  load.processors = int(platform::allowed_processors().size());
  const auto now = parse_cpu_times(stat_text(), platform::allowed_processors(), platform::ticks_per_second());
  const double own = platform::cpu_seconds() - own_;
  const double passed = std::chrono::duration<double>(Clock::now() - start_).count();
  // Some sandboxes have the file and write only zeros.
  if (times_ && now && now->all > times_->all && passed > 0) {
    load.foreign_cpus = std::max(0.0, now->busy - times_->busy - own) / passed;
    load.stolen_cpus = std::max(0.0, now->stolen - times_->stolen) / passed;
  }
  if (samples_ > 0) {
    load.run_queue = sum_ / samples_;
    load.longest_run_queue = longest_;
  }
  return load;
}

}  // namespace continuo
