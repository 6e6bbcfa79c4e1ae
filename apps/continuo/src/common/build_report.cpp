#include "build_report.h"

#include <charconv>

#include "continuo/base/text.h"

namespace continuo::app {

Result<Shard> read_shard(const std::string& text) {
  Shard shard;
  const auto* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, shard.index);
  const bool has_both = first.ec == std::errc() && first.ptr != end && *first.ptr == '/';
  const auto second = has_both ? std::from_chars(first.ptr + 1, end, shard.count) : first;
  if (!has_both || second.ec != std::errc() || second.ptr != end || shard.index < 1 || shard.index > shard.count)
    return Error{
        ErrorCode::invalid_argument, "--shard: '" + text + "' is not i/n with 1 <= i <= n, such as 2/8", {}, {}};
  --shard.index;
  return shard;
}

cli::Field dataset_output_option() {
  return {.name = "output",
          .letter = 'o',
          .type = cli::Type::kPath,
          .unit = "DIR",
          .help = "Folder to write the data set to",
          .required = true};
}

cli::Field replace_option() {
  return {.name = "replace", .type = cli::Type::kFlag, .help = "Replace a data set in DIR that was built differently"};
}

void report_build(const dataset::BuildReport& built, const std::filesystem::path& output, bool whole,
                  cli::Console& console) {
  for (const std::string& warning : built.warnings) console.note("continuo: warning: " + warning);
  std::string left_out;
  for (const auto& [things, count] : built.left_out)
    left_out += (left_out.empty() ? "" : ", ") + grouped(count) + " " + things;
  if (!left_out.empty()) console.note("continuo: note: left out of the music: " + left_out);
  console.line(output.string() + ": " + counted(built.files, "file", "files") +
               (built.complete_before ? "; already complete" : " read") +
               (built.resumed_pieces > 0
                    ? ", " + grouped(built.resumed_pieces) + " pieces of them before the build was stopped"
                    : ""));
  nlohmann::json splits = nlohmann::json::object();
  for (int i = 0; whole && i < dataset::kSplitCount; ++i) {
    const auto index = static_cast<std::size_t>(i);
    const std::string name(dataset::to_string(static_cast<dataset::Split>(i)));
    splits[name] = {{"pieces", built.pieces[index]}, {"tokens", built.tokens[index]}};
    console.line("  " + name + std::string(12 - name.size(), ' ') + counted(built.pieces[index], "piece", "pieces") +
                 ", " + counted(built.tokens[index], "token", "tokens"));
  }
  for (const auto& [code, count] : built.rejects) {
    console.line("  left out: " + grouped(count) + " x " + code + ", such as " + built.examples.at(code));
  }
  for (const auto& [rule, count] : built.skipped) console.line("  skipped: " + grouped(count) + " " + rule);
  if (whole && !built.rejects.empty()) console.line("  reasons are listed in " + (output / "rejects.csv").string());
  console.result() = {{"output", output.string()},
                      {"files", built.files},
                      {"notes", built.notes},
                      {"splits", splits},
                      {"rejected", built.rejects},
                      {"skipped", built.skipped},
                      {"omitted", built.left_out},
                      {"complete_before", built.complete_before},
                      {"resumed_pieces", built.resumed_pieces},
                      {"warnings", built.warnings}};
}

}  // namespace continuo::app
