#include "continuo/cli/watched_machine.h"

#include "continuo/base/platform/platform.h"
#include "continuo/base/text.h"

namespace continuo::cli {
namespace {

std::string processors_text(int count) { return counted(std::uint64_t(count), "processor", "processors"); }

template <typename Number>
nlohmann::json number_or_null(const std::optional<Number>& number) {
  return number ? nlohmann::json(*number) : nlohmann::json(nullptr);
}

std::string cpu_text() {
  const int all = int(platform::allowed_processors().size()), cores = platform::usable_processors();
  const std::string model = platform::cpu_model();
  std::string text = (model.empty() ? "unknown" : model) + ", " + processors_text(all);
  if (cores != all) text += ", of which " + std::to_string(cores) + " to compute on";
  if (platform::niceness() != 0) text += ", nice " + std::to_string(platform::niceness());
  return text;
}

}  // namespace

Field busy_option() {
  return {.name = "busy",
          .type = Type::kInteger,
          .unit = "N",
          .help = "Number of processes that compute at the same time, as on a shared machine",
          .default_value = "0",
          .range = {0, 64}};
}

Result<WatchedMachine> WatchedMachine::start(const Arguments& arguments) {
  CONTINUO_ASSIGN(auto processes, platform::BusyProcesses::start(int(arguments.integer("busy"))));
  return WatchedMachine(std::move(processes));
}

void WatchedMachine::finish() {
  processes_.stop();
  load_ = meter_.read();
}

std::string WatchedMachine::beside() const {
  if (busy_ == 0) return {};
  return " beside " + counted(std::uint64_t(busy_), "busy process", "busy processes");
}

void WatchedMachine::report(int threads, std::size_t column, Console& console) const {
  auto& result = console.result();
  result["cpu"] = platform::cpu_model();
  result["processors"] = load_.processors;
  result["cores"] = platform::usable_processors();
  result["nice"] = platform::niceness();
  result["busy"] = busy_;
  result["foreign_cpus"] = number_or_null(load_.foreign_cpus);
  result["stolen_cpus"] = number_or_null(load_.stolen_cpus);
  result["run_queue"] = number_or_null(load_.run_queue);
  result["run_queue_max"] = number_or_null(load_.longest_run_queue);
  const auto line = [&](std::string label, const std::string& text) {
    label.resize(column, ' ');
    console.line(label + text);
  };
  line("  processor", cpu_text());
  line("  machine", load_text(load_, threads + busy_));
}

std::string load_text(const MachineLoad& load, int threads) {
  if (!load.foreign_cpus) return "load unknown";
  const std::string of_all = fixed(*load.foreign_cpus, 2) + " of " + processors_text(load.processors);
  if (!load.disturbed()) return "quiet (others " + of_all + ")";
  const double stolen = load.stolen_cpus.value_or(0), taken = *load.foreign_cpus + stolen;
  return "other programs used " + of_all + ", " + fixed(stolen, 2) + " stolen: the figures " +
         (threads + taken <= load.processors ? "may be" : "are") + " too low";
}

}  // namespace continuo::cli
