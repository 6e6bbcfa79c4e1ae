#include "processors.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>

#include "continuo/base/file.h"

namespace continuo::platform {
namespace fs = std::filesystem;
namespace {

constexpr double kNoQuota = std::numeric_limits<double>::infinity();
constexpr int kMostProcessors = 65536;

std::string text_of(const fs::path& path) {
  auto text = read_text_file(path);
  return text.ok() ? std::move(*text) : std::string();
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

// All of the text, but blanks around it, as a whole number.
std::optional<long long> whole_number(std::string_view text) {
  text = trimmed(text);
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

fs::path folder_of(const fs::path& root, int processor) {
  return root / "sys/devices/system/cpu" / ("cpu" + std::to_string(processor));
}

// Never empty: without a list, the processor alone.
Processors siblings_of(const fs::path& root, int processor) {
  for (const char* name : {"core_cpus_list", "thread_siblings_list"}) {  // the second is the name of before Linux 5.3
    const auto list = parse_processor_list(text_of(folder_of(root, processor) / "topology" / name));
    if (list && std::binary_search(list->begin(), list->end(), processor)) return *list;
  }
  return {processor};
}

// Of each processor, in any unit; all 1 unless the system tells it of all of them.
std::vector<double> speeds_of(const fs::path& root, const Processors& processors) {
  std::vector<double> speeds;
  for (const int processor : processors) {
    const auto capacity = whole_number(text_of(folder_of(root, processor) / "cpu_capacity"));
    if (!capacity || *capacity <= 0) break;
    speeds.push_back(double(*capacity));
  }
  if (speeds.size() == processors.size()) return speeds;
  speeds.assign(processors.size(), 1.0);
  const auto fast = parse_processor_list(text_of(root / "sys/devices/cpu_core/cpus"));
  const auto slow = parse_processor_list(text_of(root / "sys/devices/cpu_atom/cpus"));
  if (!fast || !slow) return speeds;
  for (std::size_t i = 0; i < processors.size(); ++i) {
    if (std::binary_search(slow->begin(), slow->end(), processors[i])) speeds[i] = kSlowClassSpeed;
  }
  return speeds;
}

// A line of /proc/self/mountinfo. Source: proc(5).
struct Mount {
  std::string group;  // of the hierarchy, which the mount shows as its top
  std::string place;
  std::string_view type, options;
};

// Blanks in paths are written as "\040".
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digits = text.substr(std::min(i + 1, text.size()), 3);
    int code = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 8);
    const bool escape = text[i] == '\\' && error == std::errc() && end == digits.data() + 3;
    plain += escape ? char(code) : text[i];
    if (escape) i += 3;
  }
  return plain;
}

std::optional<Mount> parse_mount(std::string_view line) {
  const auto words = split(line, ' ');
  const auto dash = std::find(words.begin(), words.end(), "-");
  if (dash - words.begin() < 6 || words.end() - dash < 4) return std::nullopt;
  return Mount{unescaped(words[3]), unescaped(words[4]), dash[1], dash[3]};
}

bool names(std::string_view list, std::string_view word) {
  const auto words = split(list, ',');
  return std::find(words.begin(), words.end(), word) != words.end();
}

// This process's group in a hierarchy: version 2's, or that of version 1's controller "cpu". Source: cgroups(7).
std::optional<std::string> group_of(std::string_view cgroups, bool version2) {
  for (const auto line : split(cgroups, '\n')) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    const auto controllers = line.substr(first + 1, second - first - 1);
    if (version2 ? line.starts_with("0::") : names(controllers, "cpu")) return std::string(line.substr(second + 1));
  }
  return std::nullopt;
}

double share(std::optional<long long> quota, std::optional<long long> period) {
  return quota && period && *quota > 0 && *period > 0 ? double(*quota) / double(*period) : kNoQuota;
}

// Of one group alone.
double quota_of_folder(const fs::path& folder, bool version2) {
  if (!version2)
    return share(whole_number(text_of(folder / "cpu.cfs_quota_us")),
                 whole_number(text_of(folder / "cpu.cfs_period_us")));
  const std::string text = text_of(folder / "cpu.max");  // "150000 100000", or "max 100000"
  const auto words = split(trimmed(text), ' ');
  return words.size() == 2 ? share(whole_number(words[0]), whole_number(words[1])) : kNoQuota;
}

// Of a group and those above it, up to what the mount shows. A group that lies outside of it is that of the mount's
// top.
double quota_below(const fs::path& root, const Mount& mount, const std::string& group, bool version2) {
  const fs::path top = root / fs::path(mount.place).relative_path();
  fs::path below = fs::path(group).lexically_relative(mount.group);
  if (below.empty() || *below.begin() == "..") below = ".";
  double quota = quota_of_folder(top, version2);
  fs::path folder = top;
  for (const auto& part : below) {
    folder /= part;
    quota = std::min(quota, quota_of_folder(folder, version2));
  }
  return quota;
}

}  // namespace

std::optional<Processors> parse_processor_list(std::string_view text) {
  std::set<int> numbers;
  for (const auto range : split(trimmed(text), ',')) {
    const auto dash = range.find('-');
    const auto first = whole_number(range.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : whole_number(range.substr(dash + 1));
    if (!first || !last || *first < 0 || *last < *first || *last >= kMostProcessors) return std::nullopt;
    for (long long number = *first; number <= *last; ++number) numbers.insert(int(number));
  }
  if (numbers.empty()) return std::nullopt;
  return Processors(numbers.begin(), numbers.end());
}

Processors one_of_each_core(const fs::path& root, const Processors& allowed) {
  Processors firsts;
  std::set<int> seen;
  for (const int processor : allowed) {
    if (seen.contains(processor)) continue;
    firsts.push_back(processor);
    const auto siblings = siblings_of(root, processor);
    seen.insert(siblings.begin(), siblings.end());
  }
  return firsts;
}

Processors fastest_together(const fs::path& root, const Processors& cores) {
  const auto speeds = speeds_of(root, cores);
  std::map<double, int, std::greater<>> classes;
  for (const double speed : speeds) ++classes[speed];
  double slowest = 0, best = 0;
  int count = 0;
  for (const auto& [speed, members] : classes) {
    count += members;
    if (count * speed <= best) continue;
    best = count * speed;
    slowest = speed;
  }
  Processors chosen;
  for (std::size_t i = 0; i < cores.size(); ++i) {
    if (speeds[i] >= slowest) chosen.push_back(cores[i]);
  }
  return chosen;
}

double cpu_quota(const fs::path& root) {
  const std::string cgroups = text_of(root / "proc/self/cgroup");
  const std::string mounts = text_of(root / "proc/self/mountinfo");
  double quota = kNoQuota;
  for (const auto line : split(mounts, '\n')) {
    const auto mount = parse_mount(line);
    if (!mount) continue;
    const bool version2 = mount->type == "cgroup2";
    if (!version2 && (mount->type != "cgroup" || !names(mount->options, "cpu"))) continue;
    if (const auto group = group_of(cgroups, version2))
      quota = std::min(quota, quota_below(root, *mount, *group, version2));
  }
  return quota;
}

int threads_within(int processors, double quota) {
  return std::max(1, quota < processors ? int(std::floor(quota)) : processors);
}

std::string_view parse_cpu_model(std::string_view cpuinfo) {
  std::map<std::string_view, std::string_view> values;
  for (const auto line : split(cpuinfo, '\n')) {
    const auto colon = line.find(':');
    if (colon != std::string_view::npos)
      values.emplace(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
  // x86; a Raspberry Pi and the like; POWER; older ARM.
  for (const char* name : {"model name", "Model", "cpu", "Hardware"}) {
    if (const auto found = values.find(name); found != values.end()) return found->second;
  }
  return {};
}

}  // namespace continuo::platform
