#include "continuo/cli/program.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>

#include "continuo/base/platform/platform.h"
#include "continuo/base/thread_pool.h"
#include "continuo/cli/console.h"

namespace continuo::cli {
namespace {

std::vector<std::string> split_words(const std::string& name) {
  std::vector<std::string> words;
  std::size_t begin = 0;
  while (begin < name.size()) {
    const std::size_t end = std::min(name.find(' ', begin), name.size());
    words.push_back(name.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

std::string check_value(const Option& option, const std::string& text) {
  if (option.kind == Kind::kChoice) {
    if (std::find(option.choices.begin(), option.choices.end(), text) != option.choices.end()) return {};
    if (!option.or_extension.empty() && text.ends_with(option.or_extension)) return {};
    std::string known;
    for (const auto& choice : option.choices) known += (known.empty() ? "" : ", ") + choice;
    return "--" + option_key(option) + ": '" + text + "' is none of " + known;
  }
  if (option.kind != Kind::kInteger && option.kind != Kind::kNumber) return {};
  double value = 0;
  try {
    std::size_t used = 0;
    value = option.kind == Kind::kInteger ? static_cast<double>(std::stoll(text, &used)) : std::stod(text, &used);
    if (used != text.size() || !(value == value)) throw std::invalid_argument(text);
  } catch (const std::exception&) {
    return "--" + option_key(option) + ": '" + text + "' is not a " +
           (option.kind == Kind::kInteger ? "whole number" : "number");
  }
  if (value >= option.minimum && value <= option.maximum) return {};
  const auto bound = [](double v) { return v == std::int64_t(v) ? std::to_string(std::int64_t(v)) : fixed(v, 2); };
  if (option.maximum >= 1e18) return "--" + option_key(option) + ": must be at least " + bound(option.minimum);
  return "--" + option_key(option) + ": must be from " + bound(option.minimum) + " to " + bound(option.maximum);
}

std::vector<const Option*> all_options(const CommandSpec& spec) {
  std::vector<const Option*> options;
  for (const auto& option : spec.options) options.push_back(&option);
  for (const auto& option : common_options()) options.push_back(&option);
  return options;
}

// What CLI11 has found for one command.
struct Parsed {
  CLI::App app;
  std::map<std::string, std::string> values;
  std::map<std::string, bool> flags;
  std::vector<std::string> positionals;
  bool help = false;
};

void declare(Parsed& parsed, const CommandSpec& spec) {
  parsed.app.set_help_flag();
  parsed.app.allow_extras(false);
  parsed.app.add_flag("-h,--help", parsed.help);
  for (const Option* option : all_options(spec)) {
    const auto key = option_key(*option);
    if (option->kind == Kind::kFlag) {
      parsed.app.add_flag(option->names, parsed.flags[key]);
    } else {
      parsed.app.add_option(option->names, parsed.values[key])->multi_option_policy(CLI::MultiOptionPolicy::Throw);
    }
  }
  if (!spec.positionals.empty()) {
    parsed.app.add_option("positionals", parsed.positionals)->expected(0, -1);
  }
}

std::string check_positionals(const CommandSpec& spec, const std::vector<std::string>& given) {
  const bool many = !spec.positionals.empty() && spec.positionals.back().many;
  if (given.size() < spec.positionals.size()) return "missing: " + spec.positionals[given.size()].name;
  if (!many && given.size() > spec.positionals.size()) return "unexpected: '" + given[spec.positionals.size()] + "'";
  return {};
}

// "  -o, --output FILE"
std::string option_words(const Option& option) {
  std::string words = "  ";
  for (const char c : option.names) words += c == ',' ? std::string(", ") : std::string(1, c);
  return option.placeholder.empty() ? words : words + " " + option.placeholder;
}

void append_option(std::string& text, const Option& option, std::size_t column) {
  std::string left = option_words(option);
  left.resize(column, ' ');
  text += left + option.help;
  if (!option.choices.empty()) {
    text += ":";
    for (const auto& choice : option.choices) text += " " + choice;
    if (!option.or_extension.empty()) text += ", or a file *" + option.or_extension;
  }
  if (option.required) text += " (required)";
  if (!option.fallback.empty()) text += " (default " + option.fallback + ")";
  text += "\n";
}

int fail(const std::string& program, const Error& error) {
  std::fflush(stdout);
  std::fprintf(stderr, "%s: error: %s\n", program.c_str(), error.to_line().c_str());
  return 1;
}

}  // namespace

std::string option_key(const Option& option) {
  const auto dashes = option.names.rfind("--");
  return option.names.substr(dashes + 2);
}

const std::vector<Option>& common_options() {
  static const std::vector<Option> options{
      {.names = "--json", .kind = Kind::kFlag, .help = "Print one JSON object on standard output, and nothing else"},
      {.names = "--seed",
       .kind = Kind::kInteger,
       .placeholder = "N",
       .help = "Where randomness starts",
       .fallback = "0",
       .minimum = 0},
      {.names = "--threads",
       .kind = Kind::kInteger,
       .placeholder = "N",
       .help = "Threads; 0: one for each core",
       .fallback = "0",
       .minimum = 0,
       .maximum = 1024},
      {.names = "--pin", .kind = Kind::kFlag, .help = "Keep each thread on a processor of its own"},
  };
  return options;
}

bool Arguments::has(std::string_view name) const { return values_.find(name) != values_.end(); }
bool Arguments::given(std::string_view name) const {
  return std::find(given_.begin(), given_.end(), name) != given_.end();
}
const std::string& Arguments::text(std::string_view name) const { return values_.find(name)->second; }
std::int64_t Arguments::integer(std::string_view name) const { return std::stoll(text(name)); }
double Arguments::number(std::string_view name) const { return std::stod(text(name)); }
std::uint64_t Arguments::seed() const { return static_cast<std::uint64_t>(integer("seed")); }
int Arguments::threads() const { return static_cast<int>(integer("threads")); }

std::string command_help(std::string_view program, const CommandSpec& spec) {
  std::string text = spec.summary + "\n\nUsage: " + std::string(program) + " " + spec.name;
  for (const auto& positional : spec.positionals) text += " " + positional.name + (positional.many ? "..." : "");
  text += " [OPTIONS]\n";
  if (!spec.positionals.empty()) text += "\n";
  for (const auto& positional : spec.positionals) {
    std::string left = "  " + positional.name + (positional.many ? "..." : "");
    left.resize(std::max<std::size_t>(left.size() + 2, 30), ' ');
    text += left + positional.help + "\n";
  }
  text += "\nOptions:\n";
  std::size_t column = 0;
  for (const Option* option : all_options(spec)) column = std::max(column, option_words(*option).size() + 2);
  for (const Option* option : all_options(spec)) append_option(text, *option, column);
  append_option(text, {.names = "-h,--help", .kind = Kind::kFlag, .help = "This text"}, column);
  if (!spec.details.empty()) text += "\n" + spec.details + "\n";
  return text;
}

std::string Program::help() const {
  std::string text = about_ + "\n\nUsage: " + name_ + " COMMAND [ARGUMENTS]\n\nCommands:\n";
  for (const auto& command : commands_) {
    std::string left = "  " + command.spec.name;
    left.resize(std::max<std::size_t>(left.size() + 2, 20), ' ');
    text += left + command.spec.summary + "\n";
  }
  return text + "\n'" + name_ + " COMMAND --help' tells more.\n";
}

std::string Program::reference() const {
  std::string text = "# " + name_ + "\n\n" + about_ + "\n";
  for (const auto& command : commands_) {
    if (command.delegate) continue;
    text += "\n## " + name_ + " " + command.spec.name + "\n\n```\n" + command_help(name_, command.spec) + "```\n";
  }
  return text;
}

int Program::report_usage(const Command* command, std::string_view problem) const {
  const std::string topic = command ? name_ + " " + command->spec.name : name_;
  std::fprintf(stderr, "%s: error: %.*s\n'%s --help' tells how to use it.\n", name_.c_str(),
               static_cast<int>(problem.size()), problem.data(), topic.c_str());
  return 2;
}

int Program::run(int argc, char** argv) {
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (words.empty()) {
    std::fputs(help().c_str(), stderr);
    return 2;
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") return std::fputs(help().c_str(), stdout), 0;
  if (words[0] == "--version") return std::printf("%s %s\n", name_.c_str(), CONTINUO_VERSION), 0;
  if (words[0] == "--reference") return std::fputs(reference().c_str(), stdout), 0;
  for (const auto& command : commands_) {
    const auto name = split_words(command.spec.name);
    if (words.size() < name.size() || !std::equal(name.begin(), name.end(), words.begin())) continue;
    const std::vector<std::string> rest(words.begin() + static_cast<std::ptrdiff_t>(name.size()), words.end());
    return command.delegate ? command.delegate(rest) : run_command(command, rest);
  }
  return report_usage(nullptr, "no command '" + words[0] + "'");
}

int Program::run_command(const Command& command, const std::vector<std::string>& words) const {
  Parsed parsed;
  declare(parsed, command.spec);
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    parsed.app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return report_usage(&command, error.what());
  }
  if (parsed.help) return std::fputs(command_help(name_, command.spec).c_str(), stdout), 0;

  Arguments arguments;
  for (const Option* option : all_options(command.spec)) {
    const auto key = option_key(*option);
    const bool given = parsed.app.count("--" + key) > 0;
    if (given) arguments.given_.push_back(key);
    if (option->kind == Kind::kFlag) continue;
    if (!given && option->required) return report_usage(&command, "missing: --" + key);
    if (!given && option->fallback.empty()) continue;
    const auto value = given ? parsed.values[key] : option->fallback;
    if (const auto problem = check_value(*option, value); !problem.empty()) return report_usage(&command, problem);
    arguments.values_[key] = value;
  }
  if (const auto problem = check_positionals(command.spec, parsed.positionals); !problem.empty()) {
    return report_usage(&command, problem);
  }
  arguments.positionals_ = std::move(parsed.positionals);

  Console console(arguments.flag("json"));
  platform::catch_interrupts();
  try {
    if (arguments.flag("pin")) pin_new_threads(true);
    const Status status = command.run(arguments, console);
    if (!status.ok() && console.json_mode()) {
      console.result() = {{"error", {{"code", to_string(status.error().code)}, {"message", status.error().to_line()}}}};
    }
    if (console.json_mode()) std::printf("%s\n", console.result().dump().c_str());
    return status.ok() ? 0 : fail(name_, status.error());
  } catch (const std::bad_alloc&) {
    return fail(name_, {ErrorCode::too_large, "out of memory", {}, {}});
  } catch (const std::exception& error) {
    return fail(name_, {ErrorCode::io, error.what(), {}, {}});
  }
}

}  // namespace continuo::cli
