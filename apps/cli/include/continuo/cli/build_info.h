#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace continuo::cli {

// What the program was built from, and with what.
struct BuildInfo {
  std::string_view version;     // "0.1.0"
  std::string_view commit;      // "89f30c4504da", "-dirty" after it where files were changed; "unknown" without git
  std::string_view compiler;    // "GNU 12.2.0"
  std::string_view build_type;  // "Release"
};
const BuildInfo& build_info();

// Rows of --version: a name and its value.
using VersionRows = std::vector<std::pair<std::string, std::string>>;

// "continuo 0.1.0", then the rows of build_info() and those that the program adds, in two columns.
std::string version_text(std::string_view program, const VersionRows& more);

// The row of the processor path: {"instruction set", "avx2 (available: scalar, sse4, avx2)"}. `name` turns each of the
// `available` values into its text.
template <typename Values, typename Name>
VersionRows::value_type instruction_set_row(std::string_view in_use, const Values& available, Name name) {
  std::string list;
  for (const auto& value : available) list += (list.empty() ? "" : ", ") + std::string(name(value));
  return {"instruction set", std::string(in_use) + " (available: " + list + ")"};
}

}  // namespace continuo::cli
