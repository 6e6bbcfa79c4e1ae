#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/options/field.h"
#include "continuo/options/values.h"

namespace continuo::cli {

class Console;

using options::Field;
using options::Type;

struct Positional {
  std::string name;  // "FILE"
  std::string help;
  bool many = false;      // one or more, instead of exactly one
  bool optional = false;  // may be left out
};

// What a command takes and what its help says. `name` may be two words ("dataset build").
struct CommandSpec {
  std::string name;
  std::string summary;      // one line
  std::string description;  // paragraphs, wrapped in the help: what comes out, what is worth knowing
  std::vector<Positional> positionals;
  std::string usage;  // of the positionals; empty: their names
  std::vector<Field> options;
  std::vector<std::string> examples;  // command lines
  std::string appendix;               // a table, shown last and as it is
};

// What the user gave, checked against the spec. Names are those of the fields ("top_p"). Requires in the getters: the
// spec has an option of that name, and a value is there (given, or by default).
class Arguments {
 public:
  Arguments(options::Values values, std::vector<std::string> positionals)
      : values_(std::move(values)), positionals_(std::move(positionals)) {}

  bool has(std::string_view name) const { return values_.has(name); }      // has a value, given or by default
  bool given(std::string_view name) const { return values_.given(name); }  // on the command line or in --config
  bool flag(std::string_view name) const { return values_.flag(name); }
  const std::string& text(std::string_view name) const { return values_.text(name); }
  const std::vector<std::string>& texts(std::string_view name) const { return values_.texts(name); }
  std::filesystem::path path(std::string_view name) const { return values_.path(name); }
  std::int64_t integer(std::string_view name) const { return values_.integer(name); }
  double number(std::string_view name) const { return values_.real(name); }
  const std::vector<std::string>& positionals() const { return positionals_; }
  const std::string& positional(std::size_t index = 0) const { return positionals_.at(index); }

  std::uint64_t seed() const { return values_.unsigned_integer("seed"); }
  int threads() const { return static_cast<int>(integer("threads")); }  // 0: default_thread_count()

 private:
  options::Values values_;
  std::vector<std::string> positionals_;
};

struct Command {
  CommandSpec spec;
  std::function<Status(const Arguments&, Console&)> run;
  // Set where another program does this command: it gets the words after the command's name, --help included.
  std::function<int(const std::vector<std::string>& words)> delegate;
};

}  // namespace continuo::cli
