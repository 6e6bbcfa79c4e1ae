#pragma once

#include <string>
#include <vector>

#include "continuo/cli/command.h"

namespace continuo::cli {

// A program made of commands. Exit codes: 0 done, 1 could not (one line on stderr), 2 wrong usage.
class Program {
 public:
  Program(std::string name, std::string about, std::vector<Command> commands)
      : name_(std::move(name)), about_(std::move(about)), commands_(std::move(commands)) {}

  int run(int argc, char** argv);
  // The reference page of all commands, from the same tables (Markdown).
  std::string reference() const;

 private:
  int run_command(const Command& command, const std::vector<std::string>& words) const;
  int report_usage(const Command* command, std::string_view problem) const;
  std::string help() const;

  std::string name_, about_;
  std::vector<Command> commands_;
};

// Options that every command has: --json, --seed, --threads, --help.
const std::vector<Option>& common_options();
// "temperature" of "-t,--temperature".
std::string option_key(const Option& option);
// The text of `continuo COMMAND --help`.
std::string command_help(std::string_view program, const CommandSpec& spec);

}  // namespace continuo::cli
