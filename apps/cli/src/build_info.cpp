#include "continuo/cli/build_info.h"

#include "continuo/options/help.h"

namespace continuo::cli {

std::string version_text(std::string_view program, const VersionRows& more) {
  const BuildInfo& info = build_info();
  VersionRows rows{{"commit", std::string(info.commit)},
                   {"compiler", std::string(info.compiler)},
                   {"build type", std::string(info.build_type)}};
  rows.insert(rows.end(), more.begin(), more.end());
  return std::string(program) + " " + std::string(info.version) + "\n" + options::two_columns(rows);
}

}  // namespace continuo::cli
