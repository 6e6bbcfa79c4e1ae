#include "optimiser/trained_model.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <string_view>

#include <torch/torch.h>

#include "continuo/base/rng.h"
#include "continuo/checkpoint/tensor_names.h"
#include "continuo/neural/parallel.h"

#include "data/micro_batch.h"

namespace continuo::train {
namespace {

constexpr double kRateOfWords = 0.1;                  // beside low-rank changes, which bear larger steps
constexpr std::uint64_t kLowRankStream = 0x6c6f7261;  // keeps low-rank changes apart from other draws of the same seed

std::span<float> values_of(const torch::Tensor& tensor) {
  return {tensor.data_ptr<float>(), std::size_t(tensor.numel())};
}

// Matrices of the layers and the output, but no embedding, norm or bias.
bool decays(const neural::Parameter& parameter) {
  return parameter.value.dim() == 2 && !parameter.name.ends_with("embedding.weight");
}

// Rows of words: the embedding of tokens, and the output.
bool is_of_words(const std::string& name) { return name == "token_embedding.weight" || name.starts_with("output."); }

// Of all processes.
ValidationNll sum_of(ValidationNll nll, RankGroup& ranks) {
  std::vector<Nll*> parts = {&nll.all};
  for (Nll& quarter : nll.quarters) parts.push_back(&quarter);
  std::vector<double> values;
  for (const Nll* part : parts) values.insert(values.end(), {part->sum, part->weight, double(part->tokens)});
  ranks.sum(values);
  for (std::size_t i = 0; i < parts.size(); ++i)
    *parts[i] = {.sum = values[3 * i], .weight = values[3 * i + 1], .tokens = std::uint64_t(values[3 * i + 2])};
  return nll;
}

// Whether `work` has memory enough. libtorch reports a lack of it as an error of its own.
template <typename Work>
bool fits_memory(const Work& work) {
  try {
    work();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  } catch (const c10::Error& error) {
    if (std::string_view(error.what_without_backtrace()).find("allocate memory") == std::string_view::npos) throw;
    return false;
  }
}

}  // namespace

TrainedModel::TrainedModel(const checkpoint::ModelConfig& config, std::uint64_t seed, const Arithmetic& arithmetic)
    : network_(neural::Network::create(config, seed)),
      optimizer_(arithmetic.bf16, arithmetic.ranks),
      average_(arithmetic.ema),
      arithmetic_(arithmetic),
      memory_(network_->empty_memory(arithmetic.batch_size)) {
  const std::vector<checkpoint::TensorSpec> specs = checkpoint::tensor_specs(config);  // in the parameters' order
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const neural::Parameter& parameter = network_->parameters()[i];
    add_parameter(parameter, specs[i], mix_seed(mix_seed(seed, kLowRankStream), i));
    average_.add(values_of(parameter.value));
  }
  if (arithmetic_.ranks != nullptr) gradient_sum_.emplace(*arithmetic_.ranks, network_->parameters());
}

void TrainedModel::add_parameter(const neural::Parameter& parameter, const checkpoint::TensorSpec& spec,
                                 std::uint64_t seed) {
  const std::span<float> values = values_of(parameter.value);
  Movement movement{.first_slot = optimizer_.slots().size()};
  if (arithmetic_.lora_rank == 0) {
    optimizer_.add(values, decays(parameter), arithmetic_.muon ? spec.matrices : std::vector<std::int64_t>{});
  } else if (!spec.matrices.empty()) {
    low_rank_.push_back(std::make_unique<LowRankMatrices>(values, spec, arithmetic_.lora_rank, seed));
    movement.low_rank = low_rank_.back().get();
    optimizer_.add(movement.low_rank->down(), true);
    optimizer_.add(movement.low_rank->up(), true);
  } else if (arithmetic_.lora_words && is_of_words(parameter.name)) {
    optimizer_.add(values, decays(parameter));
    optimizer_.slots().back().rate = kRateOfWords;
  }
  movement.slots = optimizer_.slots().size() - movement.first_slot;
  movements_.push_back(movement);
}

std::vector<std::span<const float>> TrainedModel::gradients(std::vector<torch::Tensor>& kept) {
  std::vector<std::span<const float>> of_parameters, of_slots;
  for (const neural::Parameter& parameter : network_->parameters()) {
    const torch::Tensor gradient = parameter.value.grad();
    if (gradient.defined()) kept.push_back(gradient.contiguous());
    of_parameters.push_back(gradient.defined() ? values_of(kept.back()) : std::span<float>{});
  }
  neural::kernel_threads().share(movements_.size(), [&](std::size_t i, int) {
    if (movements_[i].low_rank != nullptr && !of_parameters[i].empty())
      movements_[i].low_rank->project(of_parameters[i]);
  });
  for (std::size_t i = 0; i < movements_.size(); ++i) {
    const LowRankMatrices* change = movements_[i].low_rank;
    if (change == nullptr || of_parameters[i].empty()) {
      of_slots.insert(of_slots.end(), movements_[i].slots, of_parameters[i]);
    } else {
      of_slots.push_back(change->down_gradient());
      of_slots.push_back(change->up_gradient());
    }
  }
  return of_slots;
}

void TrainedModel::merge() {
  neural::kernel_threads().share(low_rank_.size(), [&](std::size_t i, int) { low_rank_[i]->merge(); });
}

neural::Pass TrainedModel::pass_over(const Batch& batch, neural::Memory& memory) const {
  return {.fused = arithmetic_.fused,
          .bf16 = arithmetic_.bf16,
          .padding = batch.padding,
          .memory = memory.layers.empty() ? nullptr : &memory,
          .places = batch.musical_places};
}

torch::Tensor TrainedModel::hidden_rows(const Batch& batch, const neural::Pass& pass) const {
  const torch::Tensor hidden = network_->hidden(batch.inputs, pass);
  return hidden.reshape({-1, hidden.size(-1)});
}

std::pair<std::int64_t, std::int64_t> TrainedModel::own_rows(const Batch& batch) const {
  const std::int64_t rows = batch.inputs.size(0);
  const RankGroup* ranks = arithmetic_.ranks;
  if (ranks == nullptr) return {0, rows};
  return {rows * ranks->rank() / ranks->size(), rows * (ranks->rank() + 1) / ranks->size()};
}

std::int64_t TrainedModel::rows_at_once(const Batch& batch) const {
  const auto [begin, end] = own_rows(batch);
  const std::int64_t rows = end - begin;
  return arithmetic_.micro_batch > 0 ? std::min<std::int64_t>(arithmetic_.micro_batch, rows) : rows;
}

// Every target counts alike: a window with more masks teaches more. (Weighing windows alike learns slower: 0.94 against
// 0.90 nats after 660 steps of the JSB chorales.)
double TrainedModel::backward(const Batch& batch, std::uint64_t dropout_seed) {
  const auto [begin, end] = own_rows(batch);
  const std::int64_t at_once = rows_at_once(batch);
  double sum = 0;
  if (gradient_sum_) gradient_sum_->begin();
  for (std::int64_t first = begin; first < end && std::isfinite(sum); first += at_once) {
    const bool is_all = at_once == batch.inputs.size(0);
    const Batch part = is_all ? batch : rows_of(batch, first, std::min(at_once, end - first));
    if (part.count == 0) continue;
    neural::Pass pass = pass_over(part, memory_);
    pass.dropout = network_->config().dropout;
    pass.seed = first == 0 ? dropout_seed : mix_seed(dropout_seed, static_cast<std::uint64_t>(first));
    pass.label_smoothing = arithmetic_.label_smoothing;
    const torch::Tensor predicting = hidden_rows(part, pass).index_select(0, part.places);
    const torch::Tensor loss = network_->nll_sum(predicting, part.targets, pass) / double(batch.count);
    sum += loss.item<double>();
    if (gradient_sum_ && first + at_once >= end) gradient_sum_->expect_last();
    if (std::isfinite(sum)) loss.backward();
  }
  return sum;
}

bool TrainedModel::compute_less_at_once(const Batch& batch) {
  const std::int64_t now = rows_at_once(batch);
  if (now < 2 || !memory_.layers.empty()) return false;
  arithmetic_.micro_batch = static_cast<int>((now + 1) / 2);
  return true;
}

void TrainedModel::clear_gradients() {
  for (const neural::Parameter& parameter : network_->parameters()) parameter.value.mutable_grad() = torch::Tensor();
}

StepResult TrainedModel::step(const Batch& batch, std::uint64_t dropout_seed, const Optimiser::Update& update) {
  StepResult result;
  result.tokens = static_cast<std::uint64_t>(batch.count);
  while (!fits_memory([&] { result.loss = backward(batch, dropout_seed); })) {
    clear_gradients();
    if (!compute_less_at_once(batch)) {
      result.out_of_memory = true;
      return result;
    }
  }
  if (gradient_sum_) {
    gradient_sum_->finish();
    arithmetic_.ranks->sum(std::span(&result.loss, 1));
  }
  result.finite = std::isfinite(result.loss);
  if (!result.finite) {
    clear_gradients();
    return result;
  }
  std::vector<torch::Tensor> kept;
  result.gradient_norm = optimizer_.step(gradients(kept), update);
  result.finite = std::isfinite(result.gradient_norm);
  if (result.finite) {
    merge();
    average_.follow(update.step);
  }
  clear_gradients();
  return result;
}

void TrainedModel::add_losses(const Batch& batch, std::int64_t context, neural::Memory& memory,
                              ValidationNll& nll) const {
  const neural::Pass pass = pass_over(batch, memory);
  const torch::Tensor rows = hidden_rows(batch, pass);
  const torch::Tensor quarters = at::floor_divide(batch.places.remainder(batch.inputs.size(1)) * 4, context);
  std::vector<BatchRow> parts = batch.rows;
  if (parts.empty()) parts.push_back({.count = batch.count});
  std::int64_t first = 0;
  for (const BatchRow& part : parts) {
    const torch::Tensor of_part = torch::arange(first, first + part.count);
    first += part.count;
    for (std::int64_t quarter = 0; quarter < 4; ++quarter) {
      const torch::Tensor own = of_part.index({quarters.index_select(0, of_part) == quarter});
      if (own.numel() == 0) continue;
      const torch::Tensor sum = network_->nll_sum(rows.index_select(0, batch.places.index_select(0, own)),
                                                  batch.targets.index_select(0, own), pass);
      nll.add(std::size_t(quarter), sum.item<double>(), std::uint64_t(own.numel()), part.weight);
    }
  }
}

std::optional<ValidationNll> TrainedModel::evaluate(const BatchSource& source, std::uint64_t most_tokens,
                                                    const Progress& progress) const {
  const torch::NoGradGuard no_grad;
  ValidationNll nll;
  neural::Memory memory = network_->empty_memory(source.windows().options().batch_size);
  const std::uint64_t batches = source.windows().batches_per_epoch();
  RankGroup* const ranks = arithmetic_.ranks;
  const std::uint64_t own = ranks == nullptr ? 0 : std::uint64_t(ranks->rank());
  const std::uint64_t all = ranks == nullptr ? 1 : std::uint64_t(ranks->size());
  bool is_cut_short = false;
  std::uint64_t tokens = 0;
  for (std::uint64_t i = 0; i < batches && (most_tokens == 0 || tokens < most_tokens); ++i) {
    is_cut_short = progress.stop_requested();
    if (is_cut_short) break;
    const Batch batch = source.get(i);
    tokens += std::uint64_t(batch.count);
    if (batch.count == 0 || i % all != own) continue;
    add_losses(batch, source.windows().options().context_length, memory, nll);
  }
  if (ranks != nullptr) nll = sum_of(nll, *ranks);
  if (is_cut_short) return std::nullopt;
  return nll;
}

Status TrainedModel::import_weights(const std::map<std::string, checkpoint::TensorView>& tensors) {
  CONTINUO_TRY(network_->import_weights(tensors));
  for (const auto& change : low_rank_) change->begin_with_weights();
  for (std::size_t i = 0; i < network_->parameters().size(); ++i) {
    const std::span<const float> values = values_of(network_->parameters()[i].value);
    if (const auto average = average_.of(i); !average.empty()) std::copy(values.begin(), values.end(), average.begin());
  }
  return {};
}

Status TrainedModel::restore(const ResumeState& saved) {
  CONTINUO_TRY(saved.copy_to(state()));
  merge();
  return {};
}

std::vector<ParameterState> TrainedModel::state() {
  std::vector<ParameterState> states;
  const auto add = [&](const std::string& name, std::vector<std::int64_t> shape, Optimiser::Slot& slot) {
    states.push_back({name, std::move(shape), slot.value, slot.first_moment, slot.second_moment});
  };
  for (std::size_t i = 0; i < movements_.size(); ++i) {
    const neural::Parameter& parameter = network_->parameters()[i];
    const auto [slot, slots, change] = movements_[i];
    if (slots == 1) {
      add(parameter.name, parameter.value.sizes().vec(), optimizer_.slots()[slot]);
      states.back().average = average_.of(i);
      continue;
    }
    const std::span<float> kept = change == nullptr ? values_of(parameter.value) : change->base();
    states.push_back({parameter.name, parameter.value.sizes().vec(), kept, {}, {}, average_.of(i)});
    if (change == nullptr) continue;
    add(parameter.name + ".lora_down", change->down_shape(), optimizer_.slots()[slot]);
    add(parameter.name + ".lora_up", change->up_shape(), optimizer_.slots()[slot + 1]);
  }
  for (std::size_t i = 0; i < memory_.layers.size(); ++i) {
    const torch::Tensor& remembered = memory_.layers[i];
    states.push_back(
        {"layers." + std::to_string(i) + ".memory", remembered.sizes().vec(), values_of(remembered), {}, {}});
  }
  return states;
}

}  // namespace continuo::train
