#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"

namespace continuo::cli {

class Console;

enum class Kind { kFlag, kText, kPath, kInteger, kNumber, kChoice };

// One option, described once: parsing, --help and the reference page all come from here.
struct Option {
  std::string names;  // "-o,--output"; the last one is what Arguments knows it by, without dashes
  Kind kind = Kind::kText;
  std::string placeholder;  // "FILE"; empty for flags
  std::string help;         // one line, says the default where it is not obvious
  std::string fallback;     // used where the option is not given; empty: none
  bool required = false;
  double minimum = -1e18, maximum = 1e18;  // of numbers
  std::vector<std::string> choices;        // of kChoice
  std::string or_extension;                // of kChoice: files whose names end so may be given too, ".json"
};

struct Positional {
  std::string name;  // "FILE"
  std::string help;
  bool many = false;  // one or more, instead of exactly one
};

// One command's words. `name` may be two words ("dataset build").
struct CommandSpec {
  std::string name;
  std::string summary;
  std::string details;  // further paragraphs of --help: examples first
  std::vector<Positional> positionals;
  std::vector<Option> options;
};

// What the user gave, checked against the spec. Requires in the getters: the spec has an option of that name,
// and a value is there (given, or by fallback).
class Arguments {
 public:
  bool has(std::string_view name) const;    // has a value, given or by fallback
  bool given(std::string_view name) const;  // stands on the command line
  bool flag(std::string_view name) const { return given(name); }
  const std::string& text(std::string_view name) const;
  std::filesystem::path path(std::string_view name) const { return text(name); }
  std::int64_t integer(std::string_view name) const;
  double number(std::string_view name) const;
  const std::vector<std::string>& positionals() const { return positionals_; }
  const std::string& positional(std::size_t index = 0) const { return positionals_.at(index); }

  std::uint64_t seed() const;  // --seed
  int threads() const;         // --threads; 0: default_thread_count()

 private:
  friend class Program;
  std::map<std::string, std::string, std::less<>> values_;
  std::vector<std::string> given_;
  std::vector<std::string> positionals_;
};

struct Command {
  CommandSpec spec;
  std::function<Status(const Arguments&, Console&)> run;
  // Set where another program does this command: it gets the words after the command's name, --help included.
  std::function<int(const std::vector<std::string>& words)> delegate;
};

}  // namespace continuo::cli
