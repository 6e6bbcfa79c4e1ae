#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "continuo/base/result.h"
#include "continuo/checkpoint/model_config.h"
#include "continuo/checkpoint/safetensors.h"

namespace continuo::checkpoint {

// Where a model's weights come from. Files of earlier versions lack what was added later: it has its default then.
struct Provenance {
  std::string data_set;      // "groove", or a folder's name
  std::string data_licence;  // "CC BY 4.0", or "unknown"
  std::string split;         // how pieces were divided
  std::uint64_t seed = 0;
  std::string commit;  // of Continuo, at build time
  std::int64_t steps = 0;
  std::int64_t tokens_seen = 0;
  double validation_nll = 0;  // nats per token, of these weights; 0 when not measured
  // The same by the quarter of the window from which a token is predicted; empty where none was. All are empty when not
  // measured.
  std::array<std::optional<double>, 4> validation_nll_quarters = {};
  std::int64_t validation_tokens = 0;  // over which both were measured
  double training_sec = 0;             // until these weights, all processes of the run together; 0: unknown
  std::string data_fingerprint = {};   // of the data set's source files, as its manifest has it
  std::int64_t data_tokens = 0;        // of the training split
  // The length that 99.9 % of the training notes keep to; 0: unknown. Units: quarters, or seconds where the
  // tokenisation is in clock time.
  double longest_note = 0;
  std::string version = {};                           // of Continuo, "0.1.0"
  nlohmann::json options = nlohmann::json::object();  // of the training run, without paths; empty: unknown
};

// A model file, opened: the one self-describing .safetensors that composing needs. Metadata keys "continuo.format"
// ("1"), "continuo.model", "continuo.tokenizer", "continuo.provenance" hold JSON.
struct Checkpoint {
  ModelConfig model;
  nlohmann::json tokenizer;  // for tokens::tokenizer_from_json
  Provenance provenance;
  SafetensorsFile file;

  // Errors: those of SafetensorsFile::open; wrong_format (safetensors, but not of Continuo); incompatible (a
  // newer format); malformed (a tensor is missing, left over in our name space or of a wrong shape; unreadable
  // metadata).
  static Result<Checkpoint> open(const std::filesystem::path& path);
};

// Requires: tensors hold all of tensor_specs(model). Errors: io, no_space, malformed.
Status write_checkpoint(const std::filesystem::path& path, const ModelConfig& model, const nlohmann::json& tokenizer,
                        const Provenance& provenance, const std::map<std::string, TensorView>& tensors);

}  // namespace continuo::checkpoint
