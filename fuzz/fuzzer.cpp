// What libFuzzer calls, for the target that CMake names.

#include <cstdio>
#include <cstdlib>

#include "targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const continuo::fuzz::Target* const target = continuo::fuzz::find_target(CONTINUO_FUZZ_TARGET);
  const std::string violation = target->violation({data, size});
  if (violation.empty()) return 0;
  std::fprintf(stderr, "%s\n", violation.c_str());
  std::abort();
}
