#include "continuo/neural/network.h"

#include <cstring>
#include <optional>

#include <torch/torch.h>

#include "continuo/checkpoint/tensor_names.h"

#include "fused/cross_entropy.h"
#include "parts/embedding.h"
#include "parts/projection.h"

namespace continuo::neural {

using checkpoint::DType;
using checkpoint::TensorView;

Network::Network(const checkpoint::ModelConfig& config, torch::Device device) : config_(config), device_(device) {
  const torch::TensorOptions options = torch::dtype(torch::kFloat32).device(device);
  for (const checkpoint::TensorSpec& spec : checkpoint::tensor_specs(config)) {
    parameters_.push_back({spec.name, torch::zeros(spec.shape, options).requires_grad_(true)});
  }
}

const torch::Tensor& Network::parameter(const std::string& name) const {
  for (const Parameter& parameter : parameters_) {
    if (parameter.name == name) return parameter.value;
  }
  throw std::logic_error("no parameter " + name);
}

EmbeddingWeights Network::embedding() const {
  const auto if_any = [&](bool any, const char* name) { return any ? parameter(name) : torch::Tensor(); };
  return {.tokens = parameter("token_embedding.weight"),
          .places = if_any(config_.places > 0, "place_embedding.weight"),
          .slots = if_any(config_.slots > 0, "slot_embedding.weight"),
          .positions = if_any(config_.has_position_vectors(), "position_embedding.weight")};
}

LinearWeights Network::linear(const std::string& name) const {
  return {parameter(name + ".weight"), config_.bias ? parameter(name + ".bias") : torch::Tensor()};
}

LinearWeights Network::output() const {
  return {parameter(config_.tied_output ? "token_embedding.weight" : "output.weight"),
          config_.bias ? parameter("output.bias") : torch::Tensor()};
}

Memory Network::empty_memory(std::int64_t batch) const {
  Memory memory;
  for (int i = 0; config_.memory_length > 0 && i < config_.n_layers; ++i) {
    memory.layers.push_back(torch::zeros({batch, config_.memory_length, 2 * config_.kv_width()}, device_));
  }
  return memory;
}

torch::Tensor Network::logits(const torch::Tensor& hidden, const Pass& pass) const {
  return plain_project(hidden, output(), pass.bf16).to(torch::kFloat32);
}

torch::Tensor Network::nll_sum(const torch::Tensor& hidden, const torch::Tensor& targets, const Pass& pass) const {
  if (pass.fused) return fused::cross_entropy_sum(hidden, output(), targets, {pass.bf16, pass.label_smoothing});
  constexpr std::int64_t kIgnoreNone = -100;
  return at::cross_entropy_loss(logits(hidden, pass), targets, {}, at::Reduction::Sum, kIgnoreNone,
                                pass.label_smoothing);
}

torch::Tensor Network::forward(const torch::Tensor& tokens, const Pass& pass) const {
  return logits(hidden(tokens, pass), pass);
}

namespace {

// Of tensors that are read.
std::optional<torch::Dtype> type_of(DType type) {
  if (type == DType::kF32) return torch::kFloat32;
  if (type == DType::kF16) return torch::kFloat16;
  if (type == DType::kBF16) return torch::kBFloat16;
  if (type == DType::kI8) return torch::kInt8;
  return std::nullopt;
}

Status check_importable(const Parameter& parameter, const std::map<std::string, TensorView>& tensors) {
  const auto found = tensors.find(parameter.name);
  if (found == tensors.end()) return Error{ErrorCode::not_found, "the tensor is missing", parameter.name};
  const TensorView& tensor = found->second;
  if (parameter.value.sizes() != at::IntArrayRef(tensor.shape)) {
    return Error{ErrorCode::malformed, "the tensor has another shape than the model", parameter.name};
  }
  if (!type_of(tensor.dtype)) return Error{ErrorCode::malformed, "the tensor's type is not read", parameter.name};
  if (tensor.data.size() != std::size_t(parameter.value.numel()) * checkpoint::size_of(tensor.dtype)) {
    return Error{ErrorCode::malformed, "the tensor's bytes do not fill its shape", parameter.name};
  }
  if (tensor.dtype != DType::kI8) return {};
  const auto scale = tensors.find(checkpoint::scale_name(parameter.name));
  const bool fits = scale != tensors.end() && scale->second.dtype == DType::kF32 && !tensor.shape.empty() &&
                    scale->second.shape == std::vector<std::int64_t>{tensor.shape[0]};
  return fits ? Status{} : Error{ErrorCode::malformed, "the scales of the I8 tensor are missing", parameter.name};
}

torch::Tensor copy_of(const TensorView& tensor) {
  torch::Tensor copy = torch::empty(tensor.shape, *type_of(tensor.dtype));
  std::memcpy(copy.data_ptr(), tensor.data.data(), tensor.data.size());
  return copy;
}

}  // namespace

Status Network::import_weights(const std::map<std::string, TensorView>& tensors) {
  for (const Parameter& parameter : parameters_) CONTINUO_TRY(check_importable(parameter, tensors));
  const torch::NoGradGuard no_grad;
  for (Parameter& parameter : parameters_) {
    const TensorView& tensor = tensors.at(parameter.name);
    torch::Tensor values = copy_of(tensor);
    if (tensor.dtype == DType::kI8)
      values = values.to(torch::kFloat32) * copy_of(tensors.at(checkpoint::scale_name(parameter.name))).unsqueeze(1);
    parameter.value.copy_(values);
  }
  return {};
}

std::map<std::string, TensorView> Network::export_weights() const {
  std::map<std::string, TensorView> tensors;
  exported_.clear();
  for (const Parameter& parameter : parameters_) {
    if (!device_.is_cpu()) exported_.push_back(parameter.value.detach().to(torch::kCPU));
    const torch::Tensor& value = device_.is_cpu() ? parameter.value : exported_.back();
    const auto* bytes = static_cast<const std::uint8_t*>(value.data_ptr());
    tensors[parameter.name] = {DType::kF32, value.sizes().vec(), {bytes, std::size_t(value.nbytes())}};
  }
  return tensors;
}

}  // namespace continuo::neural
