#include "original_option.h"

#include <memory>

#include "continuo/metrics/ranking.h"
#include "continuo/originality/passages.h"

namespace continuo::app {

Result<originality::Index> open_whole_index(const std::filesystem::path& path) {
  CONTINUO_ASSIGN(auto index, originality::Index::open(path));
  if (index.share().is_all()) return index;
  return Error{ErrorCode::incompatible,
               "this is one of several shards; 'continuo originality merge' joins them",
               {},
               path.string()};
}

std::vector<cli::Field> originality_options() {
  return options::in_group(
      "Originality", {{.name = "original",
                       .type = cli::Type::kInteger,
                       .unit = "N",
                       .help = "Draw again what shares a passage of N notes or more with the music of --index, in any "
                               "key and at any tempo, 16 times at most; scales, repeated figures and drums are not "
                               "compared",
                       .range = {12, 1000000}},
                      {.name = "index",
                       .type = cli::Type::kPath,
                       .unit = "INDEX",
                       .help = "Index of that music, which 'continuo originality build' makes"}});
}

Result<IsOriginal> read_originality(const cli::Arguments& arguments, const generate::ComposeOptions& options) {
  if (arguments.has("original") != arguments.has("index"))
    return Error{ErrorCode::invalid_argument, "--original and --index are given together", {}, {}};
  if (!arguments.has("original")) return IsOriginal();
  CONTINUO_ASSIGN(auto opened, open_whole_index(arguments.path("index")));
  const auto index = std::make_shared<const originality::Index>(std::move(opened));
  const auto least = std::size_t(arguments.integer("original"));
  return IsOriginal([index, least, primer = options.primer](const generate::Composition& piece) {
    const score::Score made = primer ? metrics::new_notes(piece.score, *primer) : piece.score;
    return originality::find_passages(*index, made, least).sources.empty();
  });
}

}  // namespace continuo::app
