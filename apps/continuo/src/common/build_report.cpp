#include "build_report.h"

#include "continuo/base/text.h"

namespace continuo::app {

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
