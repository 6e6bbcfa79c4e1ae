// Writes the inputs that a fuzzer begins with. Usage: continuo_fuzz_seeds TARGET FOLDER

#include <filesystem>
#include <string_view>

#include "continuo/base/file.h"

#include "fuzz_targets.h"
#include "musicxml_fuzz.h"

int main(int argc, char** argv) {
  using namespace continuo;
  if (argc != 3) return 2;
  const std::string_view target = argv[1];
  const auto seeds = target == "musicxml"       ? notation::musicxml_seeds()
                     : target == "token_stream" ? tokens::token_stream_seeds()
                                                : tokens::tokenizer_json_seeds();
  for (std::size_t i = 0; i < seeds.size(); ++i)
    if (!write_file(std::filesystem::path(argv[2]) / ("seed-" + std::to_string(i)), seeds[i]).ok()) return 1;
  return 0;
}
