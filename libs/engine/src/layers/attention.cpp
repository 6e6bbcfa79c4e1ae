#include "layers/attention.h"

#include <algorithm>
#include <vector>

#include "continuo/checkpoint/tensor_names.h"
#include "continuo/kernels/cached_attention.h"
#include "continuo/kernels/head_norm.h"

namespace continuo::engine {
namespace {

using checkpoint::Masking;
using checkpoint::Positions;
using kernels::kPanelRows;
using kernels::LinearCall;
using kernels::Matrix;
using kernels::PackedMatrix;

std::size_t round_up(std::size_t value, std::size_t multiple) { return (value + multiple - 1) / multiple * multiple; }

bool is_causal(Masking masking) {
  switch (masking) {
    case Masking::kCausal:
      return true;
    case Masking::kBidirectional:
      return false;
  }
  return false;
}

// Of the outputs of a recurrent model, or of a memory and the token itself.
std::size_t window_of(const checkpoint::ModelConfig& model) {
  if (model.attention_window > 0) return static_cast<std::size_t>(model.attention_window);
  return model.memory_length > 0 ? static_cast<std::size_t>(model.memory_length) + 1 : 0;
}

PackedMatrix read_qkv(WeightReader& reader, const std::string& name, const AttentionConfig& config) {
  const Floats bias = reader.bias(name);
  if (!reader.status().ok()) return {};
  std::vector<std::size_t> order(config.qkv_width(), kNoRow);
  std::vector<float> ordered_bias(bias.size() == 0 ? 0 : order.size());
  for (std::size_t group = 0; group < config.kv_heads; ++group) {
    for (std::size_t vector = 0; vector < config.vectors_per_group(); ++vector) {
      const std::size_t from = config.row_in_file(group, vector);
      const std::size_t to = group * config.group_width() + vector * config.head_stride;
      for (std::size_t i = 0; i < config.head_width; ++i) {
        order[to + i] = from + i;
        if (bias.size() != 0) ordered_bias[to + i] = bias.data()[from + i];
      }
    }
  }
  return reader.pack(name + ".weight", order, config.width, ordered_bias);
}

// The file has the heads side by side; here each has rows of its own.
PackedMatrix read_distances(WeightReader& reader, const std::string& name, const AttentionConfig& config) {
  const std::size_t distances = config.distances, heads = config.heads;
  const std::size_t stride = round_up(distances, kPanelRows);
  std::vector<std::size_t> order(heads * stride, kNoRow);
  for (std::size_t head = 0; head < heads; ++head) {
    for (std::size_t i = 0; i < distances; ++i) order[head * stride + i] = i * heads + head;
  }
  return reader.pack(name, order, config.head_width, {});
}

}  // namespace

AttentionConfig::AttentionConfig(const checkpoint::ModelConfig& model)
    : width(static_cast<std::size_t>(model.d_model)),
      heads(static_cast<std::size_t>(model.n_heads)),
      kv_heads(static_cast<std::size_t>(model.kv_heads())),
      head_width(width / heads),
      head_stride(round_up(head_width, kPanelRows)),
      causal(is_causal(model.masking)),
      window(window_of(model)),
      qk_norm(model.qk_norm),
      norm_epsilon(static_cast<float>(model.norm_epsilon)) {
  const auto context = static_cast<std::size_t>(model.context_length);
  switch (model.positions) {
    case Positions::kLearned:
      break;
    case Positions::kRelative:
      distances = static_cast<std::size_t>(checkpoint::distance_count(model));
      distances_ahead = causal ? 0 : context - 1;
      break;
    case Positions::kRotary:
      rotary.emplace(window > 0 ? 0 : context, head_width);
      break;
  }
}

std::size_t AttentionConfig::row_in_file(std::size_t group, std::size_t vector) const {
  const std::size_t queries = heads_per_group();
  if (vector < queries) return (group * queries + vector) * head_width;
  return width + ((vector - queries) * kv_heads + group) * head_width;
}

AttentionLayer read_attention(WeightReader& reader, const std::string& name, const AttentionConfig& config) {
  AttentionLayer layer;
  layer.qkv = read_qkv(reader, name + ".qkv", config);
  if (config.qk_norm) {
    layer.query_scale = reader.take(name + ".query_norm.weight");
    layer.key_scale = reader.take(name + ".key_norm.weight");
  }
  if (config.distances > 0) layer.distances = read_distances(reader, name + ".distance.weight", config);
  layer.proj = read_projection(reader, name + ".proj");
  return layer;
}

AttentionMemory::AttentionMemory(const AttentionConfig& config, std::size_t rows, std::size_t capacity, int threads)
    : qkv(rows * config.qkv_width()),
      mixed(rows * config.width),
      scores_stride(kernels::attention_scratch_floats(capacity, config.distances > 0)),
      scores(static_cast<std::size_t>(threads) * scores_stride) {
  if (config.rotary && config.window > 0) rotary.emplace(rows, config.head_width);
}

void AttentionMemory::begin_pass(std::span<const Segment> segments) noexcept {
  if (!rotary) return;
  std::size_t row = 0;
  for (const Segment& segment : segments) {
    for (std::size_t i = 0; i < segment.input.size(); ++i) rotary->place(row++, segment.first + i);
  }
}

// A piece takes its groups from queries to weighted values.
Matrix<const float> AttentionPass::run(const AttentionLayer& layer, std::size_t index, Matrix<const float> input,
                                       std::size_t rows, std::span<const Segment> segments) const noexcept {
  const std::size_t group_panels = config_.group_width() / kPanelRows;
  LinearCall call = {rows, input, {memory_.qkv.data(), config_.qkv_width()}};
  call.prepared = prepared_.of(layer.qkv, input, rows, workers_);
  workers_.share(config_.kv_heads, {}, [&](std::size_t begin, std::size_t end, int worker) {
    linear(layer.qkv, call, {begin * group_panels, end * group_panels});
    std::size_t row = 0;
    for (const Segment& segment : segments) {
      for (std::size_t group = begin; group < end; ++group) attend_group(layer, {index, group, row}, segment, worker);
      row += segment.input.size();
    }
  });
  return {memory_.mixed.data(), config_.width};
}

void AttentionPass::prepare(Matrix<float> vectors, std::span<const float> scale, const Segment& segment,
                            std::size_t row) const noexcept {
  const std::size_t rows = segment.input.size();
  if (!scale.empty()) {
    const kernels::HeadNormShape shape = {rows, 1, config_.head_width, scale.data(), config_.norm_epsilon};
    kernels::head_norm(kernels::HeadNormForward<float>{shape, vectors, vectors, {}});
  }
  if (!config_.rotary) return;
  kernels::rotate(kernels::Rotation<float>{.rows = rows,
                                           .heads = 1,
                                           .head_width = config_.head_width,
                                           .time = rows,
                                           .offset = memory_.rotary ? row : segment.first,
                                           .table = memory_.rotary ? &*memory_.rotary : &*config_.rotary,
                                           .vectors = vectors},
                  {});
}

void AttentionPass::attend_group(const AttentionLayer& layer, const Place& at, const Segment& segment,
                                 int worker) const noexcept {
  const std::size_t rows = segment.input.size(), queries = config_.heads_per_group();
  const Matrix<float> keys = vectors(at, queries), values = vectors(at, queries + 1);
  prepare(keys, layer.key_scale, segment, at.row);
  for (std::size_t query = 0; query < queries; ++query) {
    prepare(vectors(at, query), layer.query_scale, segment, at.row);
  }
  const kernels::HeadCache cache = segment.cache->head(segment.cache->shape().layers == 1 ? 0 : at.layer, at.group);
  append(cache, segment.first - segment.cache->first_position(), rows, keys, values);
  for (std::size_t query = 0; query < queries; ++query) attend_head(layer, at, query, segment, cache, worker);
}

Matrix<float> AttentionPass::vectors(const Place& at, std::size_t vector) const noexcept {
  const std::size_t stride = config_.qkv_width();
  const std::size_t column = at.group * config_.group_width() + vector * config_.head_stride;
  return {memory_.qkv.data() + at.row * stride + column, stride};
}

void AttentionPass::attend_head(const AttentionLayer& layer, const Place& at, std::size_t query, const Segment& segment,
                                const kernels::HeadCache& cache, int worker) const noexcept {
  const std::size_t rows = segment.input.size(), head = at.group * config_.heads_per_group() + query;
  kernels::AttentionCall call;
  call.rows = rows;
  call.first = segment.first - segment.cache->first_position();
  call.positions = call.first + rows;
  call.causal = config_.causal;
  call.window = config_.window;
  call.queries = vectors(at, query);
  call.output = {memory_.mixed.data() + at.row * config_.width + head * config_.head_width, config_.width};
  call.scratch = memory_.scores.data() + static_cast<std::size_t>(worker) * memory_.scores_stride;
  if (layer.distances.rows() > 0) {
    call.distances.keys = layer.distances.view().from(head * layer.distances.panels() / config_.heads);
    call.distances.ahead = config_.distances_ahead;
  }
  attend(cache, call);
}

}  // namespace continuo::engine
