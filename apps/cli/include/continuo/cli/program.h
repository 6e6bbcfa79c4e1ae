#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/cli/build_info.h"
#include "continuo/cli/command.h"

namespace continuo::cli {

// A program made of commands. Besides these it knows --help, --version, --reference, 'help COMMAND', and the first word
// of two-word commands alone ("dataset"), which lists them. Exit codes: 0 done, 1 could not (one line on stderr),
// 2 wrong usage.
class Program {
 public:
  Program(std::string name, std::string about, std::vector<Command> commands)
      : name_(std::move(name)), about_(std::move(about)), commands_(std::move(commands)) {}

  // Adds rows to --version, which alone calls this.
  void add_to_version(std::function<VersionRows()> rows) { version_rows_ = std::move(rows); }
  // An error in `ready` is reported instead of running anything.
  int run(int argc, char** argv, const Status& ready = {});
  // The reference page of all commands, from the same tables (Markdown).
  std::string reference() const;

 private:
  using Words = std::span<const std::string>;

  // The command whose name the words begin with, or null.
  const Command* find(Words words) const;
  bool is_group(std::string_view word) const;
  int show_help(Words topic) const;
  int unknown_command(Words words) const;
  int unknown_option(const std::string& word) const;
  int start(const Command& command, Words words) const;
  int run_command(const Command& command, const Arguments& arguments) const;
  int report_usage(const Command* command, const Error& problem) const;
  // All commands, or those of a group.
  std::string command_list(std::string_view group) const;
  std::string help() const;
  std::string group_help(std::string_view group) const;

  std::string name_, about_;
  std::vector<Command> commands_;
  std::function<VersionRows()> version_rows_ = [] { return VersionRows(); };
};

// Options that every command has: --config, --json, --progress, --seed, --threads, --pin, --help.
const std::vector<Field>& common_options();
// The text of `continuo COMMAND --help`.
std::string command_help(std::string_view program, const CommandSpec& spec);

// "unexpected: 'a', 'b'"
Error unexpected(std::span<const std::string> words);

// The words of a command line, over the file that --config names, over the defaults. Errors: those of
// parse_command_line and parse_file; invalid_argument (an option or a positional is missing, or one too many).
Result<Arguments> read_arguments(const CommandSpec& spec, std::span<const std::string> words);

}  // namespace continuo::cli
