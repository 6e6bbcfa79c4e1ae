#include "sample.h"

#include "continuo/generate/compose.h"
#include "continuo/notation/notation.h"

namespace continuo::train_app {

Status write_sample(const std::filesystem::path& checkpoint, const std::filesystem::path& midi, int threads) {
  CONTINUO_ASSIGN(const auto opened, checkpoint::Checkpoint::open(checkpoint));
  CONTINUO_ASSIGN(const auto composer, generate::Composer::load(opened));
  generate::ComposeOptions options;
  options.length = {generate::LengthUnit::kBars, 8};
  options.sampler.top_p = 0.95;
  ThreadPool pool(threads);
  NoProgress silent;
  CONTINUO_ASSIGN(const auto composition, generate::compose(composer, options, pool, silent));
  return notation::write_score(composition.score, midi);
}

}  // namespace continuo::train_app
