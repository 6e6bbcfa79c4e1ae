#include "continuo/cli/program.h"
#include "continuo/options/parse.h"

namespace continuo::cli {
namespace {

Error misused(const std::string& what) { return {ErrorCode::invalid_argument, what, {}, {}}; }

Status check_positionals(const CommandSpec& spec, const std::vector<std::string>& given) {
  const bool many = !spec.positionals.empty() && spec.positionals.back().many;
  // Before a shell has replaced it, an unset variable was a name.
  for (std::size_t i = 0; i < given.size(); ++i)
    if (given[i].empty()) return misused("argument " + std::to_string(i + 1) + " is empty");
  for (std::size_t i = given.size(); i < spec.positionals.size(); ++i)
    if (!spec.positionals[i].optional) return misused("missing: " + spec.positionals[i].name);
  if (many || given.size() <= spec.positionals.size()) return {};
  return unexpected(std::span(given).subspan(spec.positionals.size()));
}

}  // namespace

Error unexpected(std::span<const std::string> words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "'" : ", '") + word + "'";
  return {ErrorCode::invalid_argument, "unexpected: " + list, {}, {}};
}

const std::vector<Field>& common_options() {
  static const std::vector<Field> fields = options::in_group(
      "Every command",
      {{.name = "config",
        .type = Type::kPath,
        .unit = "FILE",
        .help = "Read options from a TOML or JSON file (max_minutes = 10); command-line options override it"},
       {.name = "json", .type = Type::kFlag, .help = "Print one JSON object on standard output and nothing else"},
       {.name = "progress",
        .type = Type::kChoice,
        .unit = "FORM",
        .help = "How progress is shown on standard error; json: one JSON object per line",
        .default_value = "auto",
        .choices = {"auto", "json", "none"}},
       {.name = "seed",
        .type = Type::kUnsigned,
        .unit = "N",
        .help = "Random seed; the compose commands draw a new one where none is given",
        .default_value = "0",
        .range = {.least = 0}},
       {.name = "threads",
        .type = Type::kInteger,
        .unit = "N",
        .help = "Number of threads; 0: one per core",
        .default_value = "0",
        .range = {0, 1024}},
       {.name = "pin", .type = Type::kFlag, .help = "Keep each thread on a processor of its own"},
       {.name = "help", .letter = 'h', .type = Type::kFlag, .help = "Show this text"}});
  return fields;
}

Result<Arguments> read_arguments(const CommandSpec& spec, std::span<const std::string> words) {
  std::vector<Field> fields = spec.options;
  fields.insert(fields.end(), common_options().begin(), common_options().end());
  CONTINUO_ASSIGN(auto line, options::parse_command_line(fields, words));
  if (line.values.has("config")) {
    CONTINUO_ASSIGN(const auto file, options::parse_file(fields, line.values.path("config")));
    line.values.add(file);
  }
  CONTINUO_TRY(check_positionals(spec, line.positionals));
  CONTINUO_TRY(line.values.complete(fields, options::Syntax::kCommandLine));
  return Arguments(std::move(line.values), std::move(line.positionals));
}

}  // namespace continuo::cli
