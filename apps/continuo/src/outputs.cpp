#include "outputs.h"

#include "continuo/notation/notation.h"
#include "continuo/render/audio.h"
#include "continuo/render/piano_roll.h"

namespace continuo::app {

Status write_any(const score::Score& score, const std::filesystem::path& path) {
  const auto extension = path.extension().string();
  if (extension == ".wav") return render::write_audio(score, path);
  if (extension == ".png" || extension == ".svg") return render::write_piano_roll(score, path);
  return notation::write_score(score, path);
}

}  // namespace continuo::app
