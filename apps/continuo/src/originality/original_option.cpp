#include "original_option.h"

#include <algorithm>
#include <memory>

#include "continuo/metrics/ranking.h"
#include "continuo/originality/passages.h"
#include "continuo/originality/sketch.h"

namespace continuo::app {

Result<originality::Index> open_whole_index(const std::filesystem::path& path) {
  CONTINUO_ASSIGN(auto index, originality::Index::open(path));
  if (index.share().is_all()) return index;
  return Error{ErrorCode::incompatible,
               "this is one of several shards; 'continuo originality merge' joins them",
               {},
               path.string()};
}

std::filesystem::path sketch_of(std::filesystem::path model) { return model.replace_extension(".sketch"); }

std::vector<cli::Field> originality_options() {
  return options::in_group(
      "Originality", {{.name = "original",
                       .type = cli::Type::kInteger,
                       .unit = "N",
                       .help = "Reject a piece that shares N notes in a row with the music that the model has learned "
                               "from, or with that of --index, in any key and at any tempo, and compose it anew, at "
                               "most 16 times; such as 20, the least without --index. Scales, repeated figures and "
                               "drums are not compared, nor a melody with other notes of its track in between",
                       .range = {12, 1000000}},
                      {.name = "index",
                       .type = cli::Type::kPath,
                       .unit = "INDEX",
                       .help = "Index or sketch of that music, which 'continuo originality build' makes",
                       .default_text = "the sketch that a model carries, MODEL.sketch beside MODEL.safetensors"}});
}

namespace {

// The new notes of a piece.
score::Score made(const generate::Composition& piece, const std::optional<score::Score>& primer) {
  return primer ? metrics::new_notes(piece.score, *primer) : piece.score;
}

Result<IsOriginal> by_index(const std::filesystem::path& path, std::size_t least,
                            const std::optional<score::Score>& primer) {
  CONTINUO_ASSIGN(auto opened, open_whole_index(path));
  const auto index = std::make_shared<const originality::Index>(std::move(opened));
  return IsOriginal([index, least, primer](const generate::Composition& piece) {
    return originality::find_passages(*index, made(piece, primer), least).sources.empty();
  });
}

// A sketch says less of a passage than it may have, so that what it might miss is refused too.
Result<IsOriginal> by_sketch(const std::filesystem::path& path, std::size_t least,
                             const std::optional<score::Score>& primer) {
  if (least < originality::kSurelyInSketch)
    return Error{ErrorCode::invalid_argument,
                 "--original: a sketch finds passages of " + std::to_string(originality::kSurelyInSketch) +
                     " notes and more; shorter ones need the --index of the music",
                 {},
                 {}};
  CONTINUO_ASSIGN(auto opened, originality::Sketch::open(path));
  const auto sketch = std::make_shared<const originality::Sketch>(std::move(opened));
  return IsOriginal([sketch, least, primer](const generate::Composition& piece) {
    const std::size_t longest = originality::find_passages(*sketch, made(piece, primer), 1).longest;
    return longest == 0 || longest + originality::kMissedBySketch < least;
  });
}

}  // namespace

Result<IsOriginal> read_originality(const cli::Arguments& arguments, const std::filesystem::path& model,
                                    const std::optional<score::Score>& primer) {
  if (!arguments.has("original")) {
    if (!arguments.has("index")) return IsOriginal();
    return Error{ErrorCode::invalid_argument, "--index is what --original looks in, and comes with it", {}, {}};
  }
  const auto least = std::size_t(arguments.integer("original"));
  if (arguments.has("index")) {
    const auto path = arguments.path("index");
    return originality::Sketch::is_one(path) ? by_sketch(path, least, primer) : by_index(path, least, primer);
  }
  const auto sketch = sketch_of(model);
  std::error_code ignored;
  if (std::filesystem::is_regular_file(sketch, ignored)) return by_sketch(sketch, least, primer);
  return Error{ErrorCode::invalid_argument,
               "carries no sketch of what it has learned from (" + sketch.filename().string() +
                   "), and --original needs one, or an --index",
               {},
               model.string()};
}

}  // namespace continuo::app
