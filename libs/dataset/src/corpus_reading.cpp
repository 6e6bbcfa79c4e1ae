#include "corpus_reading.h"

#include "continuo/notation/notation.h"

namespace continuo::dataset {

Result<std::vector<score::Score>> read_entry(const Source& source, std::size_t file) {
  auto scores = notation::read_scores(source.folder / source.entries[file].path);
  if (scores.ok() && scores->empty()) return Error{ErrorCode::no_notes, "holds no piece", {}, {}};
  return scores;
}

std::string piece_name(const SourceEntry& entry, std::size_t tune, std::size_t tunes) {
  return tunes == 1 ? entry.path : entry.path + "#" + std::to_string(tune + 1);
}

Reject reject_for(std::string path, const Error& error) {
  Error placed = error;
  placed.path.clear();
  return {std::move(path), error.code, placed.to_line()};
}

}  // namespace continuo::dataset
