#include "tokenizer_output.h"

#include <array>

#include "continuo/base/file.h"

#include "outputs.h"

namespace continuo::app {

cli::Field tokenizer_output_option() {
  return {.name = "output",
          .letter = 'o',
          .type = cli::Type::kPath,
          .unit = "FILE.json",
          .help = "Tokenizer file to write",
          .required = true};
}

Status check_tokenizer_output(const std::filesystem::path& path) {
  constexpr std::array<std::string_view, 1> kExtensions = {".json"};
  CONTINUO_TRY(check_extension(path, kExtensions));
  return check_writable(path);
}

}  // namespace continuo::app
