#include "corpus_reading.h"

#include "continuo/notation/notation.h"

namespace continuo::dataset {

Result<std::vector<score::Score>> read_entry(const Source& source, std::size_t file) {
  auto scores = notation::read_scores(source.folder / source.entries[file].path);
  if (scores.ok() && scores->empty()) return Error{ErrorCode::no_notes, "holds no piece", {}, {}};
  return scores;
}

std::string piece_name(std::string_view path, std::size_t tune, std::size_t tunes) {
  return tunes == 1 ? std::string(path) : std::string(path) + "#" + std::to_string(tune + 1);
}

}  // namespace continuo::dataset
