#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"

namespace continuo::options {

// kInteger has 64 bits with a sign, kUnsigned 64 bits without.
enum class Type { kFlag, kText, kPath, kInteger, kUnsigned, kReal, kChoice };

// Both ends are included.
struct Range {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
};

// One option, described once. The command line, TOML and JSON files, --help and the reference pages are all made from
// this description, so that each accepts the same values and refuses the others in the same words.
struct Field {
  std::string name;  // lower case with underscores: the key in TOML and JSON; "top_p" is --top-p on the command line
  char letter = 0;   // of the short form, 'o' for -o; 0: none
  Type type = Type::kText;
  std::string unit;                  // what the value is, as help shows it: "N", "FILE", "MINUTES"; empty for flags
  std::string group;                 // heading in the help; empty: "Options"
  std::string help;                  // what it does; range, choices and default are added from the fields below
  std::string default_value;         // used where the option is not given; empty: none
  std::string default_text;          // shown in the help where the default is not one value, "as stored"
  Range range = {};                  // of numbers
  std::vector<std::string> choices;  // of kChoice
  std::string choices_text;          // shown in the help instead of a list that is shown elsewhere in it
  std::string or_extension;          // of kChoice: a file whose name ends so is accepted too, ".json"
  bool required = false;
  bool repeats = false;  // of kText and kPath: may be given several times, in files as a list
};

// Where a value comes from, which decides how a message names the option: --top-p or top_p.
enum class Syntax { kCommandLine, kFile };
std::string written(const Field& field, Syntax syntax);

// Whether `text` is a value of the field: of its type, in its range, one of its choices.
// Errors: invalid_argument; the message begins with the option as it is written there.
Status check(const Field& field, std::string_view text, Syntax syntax);

// The field of that name, or null.
const Field* find(const std::vector<Field>& fields, std::string_view name);

// The same fields under one heading of the help.
std::vector<Field> in_group(std::string_view group, std::vector<Field> fields);

// "0.001", "16", "1000000": the shortest text that reads back to the same number, without an exponent up to 10^15.
std::string number_text(double value);

// "a", "a or b", "a, b or c".
std::string alternatives(const std::vector<std::string>& words);

}  // namespace continuo::options
