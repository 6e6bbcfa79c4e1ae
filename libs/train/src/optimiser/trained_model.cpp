#include "optimiser/trained_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <new>
#include <string_view>

#include <torch/torch.h>

#include "data/micro_batch.h"

namespace continuo::train {
namespace {

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

// How libtorch reports that memory does not suffice: of the host, of a GPU, of a library on a GPU.
bool is_lack_of_memory(const c10::Error& error) {
  const std::string_view text = error.what_without_backtrace();
  return std::ranges::any_of(std::array{"allocate memory", "out of memory", "ALLOC_FAILED"},
                             [&](const char* sign) { return text.find(sign) != std::string_view::npos; });
}

// "2.00 GiB" of "Tried to allocate 2.00 GiB. GPU 0 has ...".
std::string needed_memory(std::string_view text) {
  constexpr std::string_view kBefore = "ried to allocate ";
  const std::size_t begin = text.find(kBefore);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + kBefore.size());
  return std::string(text.substr(0, std::min(text.find(". "), text.find(" ("))));
}

// Whether `work` has memory enough; if not, `needed` is what there was no room for. libtorch reports a lack of memory
// as an error of its own.
template <typename Work>
bool fits_memory(const Work& work, std::string& needed) {
  try {
    work();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  } catch (const c10::Error& error) {
    if (!is_lack_of_memory(error)) throw;
    needed = needed_memory(error.what_without_backtrace());
    return false;
  }
}

}  // namespace

TrainedModel::TrainedModel(const checkpoint::ModelConfig& config, std::uint64_t seed, const Arithmetic& arithmetic)
    : arithmetic_(arithmetic),
      network_(neural::Network::create(config, seed, arithmetic.device)),
      memory_(network_->empty_memory(arithmetic.batch_size)) {
  if (!arithmetic_.device.is_cpu()) arithmetic_.fused = false;
  const MovedWeights::Options options{.muon = arithmetic.muon,
                                      .bf16 = arithmetic.bf16,
                                      .lora_rank = arithmetic.lora_rank,
                                      .lora_words = arithmetic.lora_words,
                                      .ema = arithmetic.ema,
                                      .seed = seed,
                                      .ranks = arithmetic.ranks};
  // Processes on several hosts have to move weights to the same bits, which libtorch's libraries do not promise.
  const bool by_kernels = arithmetic_.fused || (arithmetic_.ranks != nullptr && arithmetic_.device.is_cpu());
  weights_ = MovedWeights::make(*network_, options, by_kernels);
  if (arithmetic_.ranks != nullptr) gradient_sum_.emplace(*arithmetic_.ranks, network_->parameters());
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

torch::Tensor TrainedModel::loss_of(const Batch& part, std::int64_t first, std::int64_t targets,
                                    std::uint64_t dropout_seed) {
  const Batch own = moved_to(part, arithmetic_.device);
  neural::Pass pass = pass_over(own, memory_);
  pass.dropout = network_->config().dropout;
  pass.seed = dropout_seed;
  pass.first_row = first;
  pass.label_smoothing = arithmetic_.label_smoothing;
  const torch::Tensor predicting = hidden_rows(own, pass).index_select(0, own.places);
  return network_->nll_sum(predicting, own.targets, pass) / double(targets);
}

// Every target counts alike: a window with more masks teaches more. (Weighing windows alike learns slower: 0.94 against
// 0.90 nats after 660 steps of the JSB chorales.)
double TrainedModel::backward(const Batch& batch, std::uint64_t dropout_seed) {
  const auto [begin, end] = own_rows(batch);
  const std::int64_t at_once = rows_at_once(batch);
  const bool waits = arithmetic_.device.is_cpu();
  double sum = 0;
  torch::Tensor far_sum;
  if (gradient_sum_) gradient_sum_->begin();
  for (std::int64_t first = begin; first < end && std::isfinite(sum); first += at_once) {
    const bool is_all = at_once == batch.inputs.size(0);
    const Batch part = is_all ? batch : rows_of(batch, first, std::min(at_once, end - first));
    if (part.count == 0) continue;
    const torch::Tensor loss = loss_of(part, first, batch.count, dropout_seed);
    if (waits) {
      sum += loss.item<double>();
    } else {
      // A look at the loss would wait for the forward pass, and the device then for what comes next.
      far_sum = far_sum.defined() ? far_sum + loss.detach() : loss.detach();
    }
    if (gradient_sum_ && first + at_once >= end) gradient_sum_->expect_last();
    if (std::isfinite(sum)) loss.backward();
  }
  return far_sum.defined() ? far_sum.item<double>() : sum;
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
  while (!fits_memory([&] { result.loss = backward(batch, dropout_seed); }, result.needed_memory)) {
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
  result.gradient_norm = weights_->step(update);
  result.finite = std::isfinite(result.gradient_norm);
  clear_gradients();
  return result;
}

void TrainedModel::add_losses(const Batch& batch, std::int64_t context, neural::Memory& memory,
                              ValidationNll& nll) const {
  struct Part {
    std::size_t quarter;
    std::uint64_t count;
    double weight;
  };
  const torch::Device device = arithmetic_.device;
  const Batch own = moved_to(batch, device);
  const neural::Pass pass = pass_over(own, memory);
  const torch::Tensor rows = hidden_rows(own, pass);
  const torch::Tensor quarters = at::floor_divide(batch.places.remainder(batch.inputs.size(1)) * 4, context);
  std::vector<BatchRow> windows = batch.rows;
  if (windows.empty()) windows.push_back({.count = batch.count});
  std::vector<Part> parts;
  std::vector<torch::Tensor> sums;
  std::int64_t first = 0;
  for (const BatchRow& window : windows) {
    const torch::Tensor of_window = torch::arange(first, first + window.count);
    first += window.count;
    for (std::int64_t quarter = 0; quarter < 4; ++quarter) {
      const torch::Tensor of_part = of_window.index({quarters.index_select(0, of_window) == quarter});
      if (of_part.numel() == 0) continue;
      const torch::Tensor places = batch.places.index_select(0, of_part).to(device);
      const torch::Tensor targets = batch.targets.index_select(0, of_part).to(device);
      sums.push_back(network_->nll_sum(rows.index_select(0, places), targets, pass));
      parts.push_back({std::size_t(quarter), std::uint64_t(of_part.numel()), window.weight});
    }
  }
  const torch::Tensor losses = at::stack(sums).to(torch::kCPU, torch::kFloat64);
  for (std::size_t i = 0; i < parts.size(); ++i)
    nll.add(parts[i].quarter, losses.data_ptr<double>()[i], parts[i].count, parts[i].weight);
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
  weights_->begin_with_weights();
  return {};
}

Status TrainedModel::restore(const ResumeState& saved) {
  CONTINUO_TRY(saved.copy_to(state()));
  accept_state();
  return {};
}

void TrainedModel::accept_state() {
  host_.write_back();
  weights_->merge();
}

std::vector<ParameterState> TrainedModel::state() {
  host_.clear();
  std::vector<ParameterState> states = weights_->state(host_);
  for (std::size_t i = 0; i < memory_.layers.size(); ++i) {
    const torch::Tensor& remembered = memory_.layers[i];
    states.push_back(
        {"layers." + std::to_string(i) + ".memory", remembered.sizes().vec(), host_.of(remembered), {}, {}});
  }
  return states;
}

}  // namespace continuo::train
