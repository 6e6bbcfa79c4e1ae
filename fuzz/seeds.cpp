// Writes the inputs that a fuzzer begins with. Usage: continuo_fuzz_seeds TARGET FOLDER

#include <filesystem>

#include "continuo/base/file.h"

#include "targets.h"

int main(int argc, char** argv) {
  using namespace continuo;
  const fuzz::Target* const target = argc == 3 ? fuzz::find_target(argv[1]) : nullptr;
  if (target == nullptr) return 2;
  const auto seeds = target->seeds();
  for (std::size_t i = 0; i < seeds.size(); ++i)
    if (!write_file(std::filesystem::path(argv[2]) / ("seed-" + std::to_string(i)), seeds[i]).ok()) return 1;
  return 0;
}
