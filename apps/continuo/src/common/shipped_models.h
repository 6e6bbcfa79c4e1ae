#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "continuo/generate/options.h"

namespace continuo::app {

// A model that comes with Continuo: NAME.safetensors in models_folder().
struct ShippedModel {
  std::string_view name;
  std::string_view purpose;
};
std::span<const ShippedModel> shipped_models();

// $CONTINUO_MODELS, or share/continuo/models of where the program is installed, or models/ of the source tree that it
// was built in: the first that is there. Nothing where none is.
std::optional<std::filesystem::path> models_folder();

// The file of a model by its name ("band"): in models_folder(), whether it came with Continuo or was put there later.
std::optional<std::filesystem::path> model_named(const std::string& name);

// The name of the one that fits best what is asked for.
std::string_view fitting_model(const generate::ComposeOptions& options);

}  // namespace continuo::app
