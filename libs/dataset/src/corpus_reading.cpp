#include "corpus_reading.h"

#include "continuo/notation/notation.h"

#include "jsb_chorales.h"

namespace continuo::dataset {

Result<std::vector<score::Score>> read_entry(const Source& source, std::size_t file) {
  const SourceEntry& entry = source.entries[file];
  auto scores = source.layout == "jsb" ? read_jsb_chorales(source.file_of(file), entry.split.value())
                                       : notation::read_scores(source.file_of(file));
  if (scores.ok() && scores->empty()) return Error{ErrorCode::no_notes, "holds no piece", {}, {}};
  return scores;
}

std::string piece_name(std::string_view path, std::size_t tune, std::size_t tunes) {
  return tunes == 1 ? std::string(path) : std::string(path) + "#" + std::to_string(tune + 1);
}

}  // namespace continuo::dataset
