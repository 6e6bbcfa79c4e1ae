#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <vector>

#include "continuo/base/platform/platform.h"
#include "continuo/base/rng.h"
#include "continuo/checkpoint/checkpoint.h"
#include "continuo/checkpoint/presets.h"
#include "continuo/checkpoint/tensor_names.h"
#include "continuo/generate/composer.h"

namespace continuo::generate::testing {

// A model file of random weights, removed at the end.
class RandomCheckpoint {
 public:
  RandomCheckpoint(const std::string& model, const tokens::Tokenizer& tokenizer, int extra_words = 0)
      : path_(std::filesystem::temp_directory_path() /
              ("continuo_generate_" + platform::unique_suffix() + "_" + model + ".safetensors")) {
    auto config = checkpoint::preset_config(model, "tiny").value();
    config.vocab_size = tokenizer.vocabulary().size() + extra_words;
    config.d_model = 32;
    config.n_heads = 4;
    config.d_ff = 64;
    config.context_length = 96;
    const tokens::PositionRange range = tokenizer.length_meter()->position_range();
    if (config.masking == checkpoint::Masking::kCausal || range.by_count) {
      config.places = range.places;
      config.slots = range.slots;
    }
    Rng rng(7);
    std::map<std::string, std::vector<float>> weights;
    std::map<std::string, checkpoint::TensorView> views;
    for (const auto& spec : checkpoint::tensor_specs(config)) {
      std::size_t count = 1;
      for (const auto extent : spec.shape) count *= std::size_t(extent);
      auto& values = weights[spec.name];
      for (std::size_t i = 0; i < count; ++i) values.push_back(float(rng.uniform() - 0.5) * 0.6f);
      views[spec.name] = {checkpoint::DType::kF32,
                          spec.shape,
                          {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(float)}};
    }
    status_ = checkpoint::write_checkpoint(path_, config, tokenizer.to_json(), {}, views);
  }
  ~RandomCheckpoint() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }
  Result<Composer> load() const {
    CONTINUO_TRY(status_);
    CONTINUO_ASSIGN(const auto opened, checkpoint::Checkpoint::open(path_));
    return Composer::load(opened);
  }

 private:
  std::filesystem::path path_;
  Status status_;
};

}  // namespace continuo::generate::testing
