#include "continuo/cli/program.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>

#include "continuo/base/platform/platform.h"
#include "continuo/base/thread_pool.h"
#include "continuo/cli/console.h"
#include "continuo/options/help.h"
#include "continuo/options/suggest.h"

#include "json_text.h"

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

bool asks_for_help(std::span<const std::string> words) {
  for (const auto& word : words) {
    if (word == "--") return false;
    if (word == "--help" || word == "-h") return true;
  }
  return false;
}

int print(const std::string& text) { return std::fputs(text.c_str(), stdout), 0; }

int fail(const std::string& program, const Error& error) {
  report_error(program, error);
  return 1;
}

ProgressForm form_named(const std::string& name) {
  return name == "json" ? ProgressForm::kJson : name == "none" ? ProgressForm::kNone : ProgressForm::kText;
}

}  // namespace

std::string command_help(std::string_view program, const CommandSpec& spec) {
  options::Rows rows;
  std::string usage = spec.usage.empty() ? "" : " " + spec.usage;
  for (const auto& positional : spec.positionals) {
    rows.emplace_back(positional.name + (positional.many ? "..." : ""), positional.help);
    const std::string& name = rows.back().first;
    if (spec.usage.empty()) usage += positional.optional ? " [" + name + "]" : " " + name;
  }
  std::string text = spec.summary + "\n\nUsage: " + std::string(program) + " " + spec.name + usage + " [OPTIONS]\n";
  if (!rows.empty()) text += "\n" + options::two_columns(rows);
  if (!spec.description.empty()) text += "\n" + options::wrapped(spec.description) + "\n";
  std::vector<Field> fields = spec.options;
  fields.insert(fields.end(), common_options().begin(), common_options().end());
  text += "\n" + options::options_help(fields);
  if (!spec.examples.empty()) text += "\nExamples:\n";
  for (const auto& example : spec.examples) text += "  " + example + "\n";
  if (!spec.appendix.empty()) text += "\n" + spec.appendix + "\n";
  return text;
}

std::string Program::command_list(std::string_view group) const {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& command : commands_) {
    if (group.empty() || split_words(command.spec.name)[0] == group)
      rows.emplace_back(command.spec.name, command.spec.summary);
  }
  return options::two_columns(rows);
}

std::string Program::help() const {
  return about_ + "\n\nUsage: " + name_ + " COMMAND [ARGUMENTS]\n\nCommands:\n" + command_list({}) + "\n'" + name_ +
         " help COMMAND' describes a command and its options.\n";
}

std::string Program::group_help(std::string_view group) const {
  const std::string topic = name_ + " " + std::string(group);
  return "Usage: " + topic + " COMMAND [ARGUMENTS]\n\nCommands:\n" + command_list(group) + "\n'" + name_ + " help " +
         std::string(group) + " COMMAND' describes a command and its options.\n";
}

std::string Program::reference() const {
  std::string text = "# " + name_ + "\n\n" + about_ + "\n";
  for (const auto& command : commands_) {
    if (command.delegate) continue;
    text += "\n## " + name_ + " " + command.spec.name + "\n\n```\n" + command_help(name_, command.spec) + "```\n";
  }
  return text;
}

int Program::report_usage(const Command* command, const Error& problem) const {
  report_error(name_, problem);
  if (progress_form() != ProgressForm::kJson)
    std::fprintf(stderr, "See '%s help%s%s'.\n", name_.c_str(), command ? " " : "",
                 command ? command->spec.name.c_str() : "");
  return 2;
}

// Of "compose" and "compose harmonise" the longer.
const Command* Program::find(Words words) const {
  const Command* found = nullptr;
  std::size_t longest = 0;
  for (const auto& command : commands_) {
    const auto name = split_words(command.spec.name);
    const bool fits = words.size() >= name.size() && std::equal(name.begin(), name.end(), words.begin());
    if (!fits || name.size() <= longest) continue;
    found = &command;
    longest = name.size();
  }
  return found;
}

bool Program::is_group(std::string_view word) const {
  return std::any_of(commands_.begin(), commands_.end(),
                     [&](const Command& c) { return c.spec.name.starts_with(std::string(word) + " "); });
}

// Also finds the second word of a command alone: "build" means "dataset build".
int Program::unknown_command(Words words) const {
  const bool in_group = words.size() > 1 && is_group(words[0]);
  const std::string given = in_group ? words[0] + " " + words[1] : words[0];
  std::vector<std::string> names;
  for (const auto& command : commands_) names.push_back(command.spec.name);
  auto meant = options::closest(given, names);
  for (const auto& name : names) {
    if (!meant && name.ends_with(" " + given)) meant = name;
  }
  return report_usage(nullptr, {ErrorCode::invalid_argument,
                                "no command '" + given + "'" + (meant ? "; did you mean " + *meant + "?" : ""),
                                {},
                                {}});
}

// Before any command.
int Program::unknown_option(const std::string& word) const {
  const auto meant = options::closest(word, std::vector<std::string>{"--help", "--version", "--reference"});
  const std::string hint = meant ? "; did you mean " + *meant + "?" : "; options come after a command";
  return report_usage(nullptr, {ErrorCode::invalid_argument, "no option " + word + hint, {}, {}});
}

int Program::show_help(Words topic) const {
  if (topic.empty()) return print(help());
  if (const Command* command = find(topic)) {
    const auto more = topic.subspan(split_words(command->spec.name).size());
    if (!more.empty()) return report_usage(command, unexpected(more));
    const std::string word = "--help";
    return start(*command, std::span(&word, 1));
  }
  if (topic.size() == 1 && is_group(topic[0])) return print(group_help(topic[0]));
  return unknown_command(topic);
}

int Program::run(int argc, char** argv, const Status& ready) {
  if (!ready.ok()) return fail(name_, ready.error());
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (words.empty()) return std::fputs(help().c_str(), stderr), 2;
  const Words rest = Words(words).subspan(1);
  if (words[0] == "help") return show_help(rest);
  if (words[0] == "--help" || words[0] == "-h") return print(help());
  if (words[0] == "--version") return print(version_text(name_, version_rows_()));
  if (words[0] == "--reference") return print(reference());
  if (const Command* command = find(words))
    return start(*command, Words(words).subspan(split_words(command->spec.name).size()));
  if (words[0].starts_with('-')) return unknown_option(words[0]);
  if (!is_group(words[0])) return unknown_command(words);
  if (rest.empty()) return std::fputs(group_help(words[0]).c_str(), stderr), 2;
  return asks_for_help(rest.first(1)) ? print(group_help(words[0])) : unknown_command(words);
}

int Program::start(const Command& command, Words words) const {
  if (command.delegate) return command.delegate({words.begin(), words.end()});
  if (asks_for_help(words)) return print(command_help(name_, command.spec));
  const auto arguments = read_arguments(command.spec, words);
  return arguments.ok() ? run_command(command, *arguments) : report_usage(&command, arguments.error());
}

int Program::run_command(const Command& command, const Arguments& arguments) const {
  Console console(arguments.flag("json"));
  set_progress_form(form_named(arguments.text("progress")));
  platform::catch_interrupts();
  try {
    if (arguments.flag("pin")) pin_new_threads(true);
    const Status status = command.run(arguments, console);
    if (!status.ok() && console.json_mode()) {
      console.result() = {{"error", {{"code", to_string(status.error().code)}, {"message", status.error().to_line()}}}};
    }
    if (console.json_mode() && !console.result().is_null()) std::printf("%s\n", json_text(console.result()).c_str());
    return status.ok() ? 0 : fail(name_, status.error());
  } catch (const std::bad_alloc&) {
    return fail(name_, {ErrorCode::too_large, "out of memory", {}, {}});
  } catch (const std::exception& error) {
    return fail(name_, {ErrorCode::io, error.what(), {}, {}});
  }
}

}  // namespace continuo::cli
