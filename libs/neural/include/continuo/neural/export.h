#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "continuo/base/musical_place.h"
#include "continuo/base/result.h"
#include "continuo/base/token_id.h"
#include "continuo/checkpoint/checkpoint.h"

// Networks without a header of libtorch: what tests of parity with the engine need.
namespace continuo::neural {

// Writes a checkpoint with initial weights. `spread` scales the noise that is added to every weight, biases and
// norms included, so that no weight keeps a value (0 or 1) that could hide a mistake.
// Errors: those of validate and write_checkpoint.
Status write_random_checkpoint(const std::filesystem::path& path, const checkpoint::ModelConfig& config,
                               const nlohmann::json& tokenizer, std::uint64_t seed, double spread = 0.02);

// What libtorch computes in fp32, without dropout. `places` as those of engine::Input.
// Shape: returns [tokens.size(), vocab].
// Errors: invalid_argument (no token, an id out of range, more tokens than the context of a
// model that is limited to it), and those of
// Network::import_weights.
Result<std::vector<float>> reference_logits(const checkpoint::Checkpoint& checkpoint, std::span<const TokenId> tokens,
                                            std::span<const MusicalPlace> places = {});

}  // namespace continuo::neural
