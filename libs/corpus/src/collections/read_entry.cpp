#include "continuo/corpus/read_entry.h"

#include "layouts/layouts.h"

namespace continuo::corpus {

Result<std::vector<score::Score>> read_entry(const Source& source, std::size_t entry, LeftOut* left_out) {
  LeftOut unwanted;
  auto scores =
      find_layout(source.layout).read_entry(source, source.entries[entry], left_out != nullptr ? *left_out : unwanted);
  if (scores.ok() && scores->empty()) return Error{.code = ErrorCode::no_notes, .what = "holds no piece"};
  return scores;
}

std::string piece_name(std::string_view path, std::size_t tune, std::size_t tunes) {
  return tunes == 1 ? std::string(path) : std::string(path) + "#" + std::to_string(tune + 1);
}

}  // namespace continuo::corpus
