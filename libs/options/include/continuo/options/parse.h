#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "continuo/base/result.h"
#include "continuo/options/field.h"
#include "continuo/options/values.h"

namespace continuo::options {

struct CommandLine {
  Values values;
  std::vector<std::string> positionals;
};

// Reads --name VALUE, --name=VALUE, -n VALUE and -nVALUE in any order among the positionals; a flag takes no value, or
// =true or =false; "--" makes all that follows positional, and "-" is a positional. Defaults are not added.
// Errors: invalid_argument (unknown option, with the likeliest one that was meant; no value; given twice; check()).
Result<CommandLine> parse_command_line(const std::vector<Field>& fields, std::span<const std::string> words);

// Read the keys of a TOML table or a JSON object. A whole number beyond the range of TOML's integers is written as a
// string. Defaults are not added.
// Errors: malformed; invalid_argument (unknown key, value of another type, check()). `where` is the line (TOML), or the
// byte of what is malformed (JSON).
Result<Values> parse_toml(const std::vector<Field>& fields, std::string_view text);
Result<Values> parse_json(const std::vector<Field>& fields, std::string_view text);

// A .json file, or else TOML, of at most 1 MiB. Errors: those of read_text_file and of the parsers, with the path.
Result<Values> parse_file(const std::vector<Field>& fields, const std::filesystem::path& file);

}  // namespace continuo::options
