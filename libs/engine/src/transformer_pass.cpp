#include <algorithm>

#include "transformer.h"

namespace continuo::engine {
namespace {

using checkpoint::Activation;
using checkpoint::Masking;
using checkpoint::NormPlacement;
using kernels::ConstRows;
using kernels::LinearCall;
using kernels::Rows;

// Rows that are worth a piece of their own where little is done with each.
constexpr std::size_t kNormRows = 16;

kernels::Activation kernel_activation(Activation activation) {
  return activation == Activation::kGelu ? kernels::Activation::kGelu : kernels::Activation::kGeluTanh;
}

}  // namespace

void TransformerPass::run(const PassRequest& request) const noexcept {
  const std::size_t rows = request.rows();
  const std::size_t width = weights_.width;
  const bool pre = weights_.config.norm_placement == NormPlacement::kPre;
  const Rows residual = {memory_.residual.data(), width};
  ConstRows input;
  embed(request);
  if (!pre) input = normalise(weights_.outer_norm, rows);
  for (std::size_t index = 0; index < weights_.layers.size(); ++index) {
    const TransformerLayer& layer = weights_.layers[index];
    if (pre) input = normalise(layer.attention_norm, rows);
    // What a sublayer's result is added to: the running sum, or the normalised input of a post-norm model.
    const ConstRows sum = {residual.data, residual.stride};
    attention(index, input, request);
    multiply(layer.proj, {rows, {memory_.mixed.data(), width}, residual, pre ? sum : input});
    input = normalise(pre ? layer.mlp_norm : layer.attention_norm, rows);
    mlp(layer, input, pre ? sum : input, rows);
    if (!pre) input = normalise(layer.mlp_norm, rows);
  }
  if (pre) input = normalise(weights_.outer_norm, rows);
  write_logits(input, request);
}

void TransformerPass::embed(const PassRequest& request) const noexcept {
  const std::size_t width = weights_.width;
  float* out = memory_.residual.data();
  for (const Segment& segment : request.segments) {
    for (std::size_t i = 0; i < segment.tokens.size(); ++i, out += width) {
      const float* token = weights_.token_embedding.data() + static_cast<std::size_t>(segment.tokens[i]) * width;
      if (weights_.position_embedding.empty()) {
        std::copy_n(token, width, out);
      } else {
        kernels::add(token, weights_.position_embedding.data() + (segment.first + i) * width, out, width);
      }
    }
  }
}

ConstRows TransformerPass::normalise(const NormLayer& norm, std::size_t rows) const noexcept {
  const std::size_t width = weights_.width;
  const kernels::NormWeights parameters = {norm.scale.data(), norm.shift.data(),
                                           static_cast<float>(weights_.config.norm_epsilon)};
  workers_.share(rows, {kNormRows}, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t row = begin; row < end; ++row) {
      kernels::layer_norm(parameters, memory_.residual.data() + row * width, memory_.input.data() + row * width, width);
    }
  });
  return {memory_.input.data(), width};
}

// A piece takes its heads from queries to weighted values.
void TransformerPass::attention(std::size_t layer, ConstRows input, const PassRequest& request) const noexcept {
  const std::size_t stride = weights_.heads * 3 * weights_.head_stride;
  const std::size_t head_panels = 3 * weights_.head_stride / kernels::kPanelRows;
  const kernels::PackedMatrix& qkv = weights_.layers[layer].qkv;
  LinearCall call = {request.rows(), input, {memory_.qkv.data(), stride}};
  call.prepared = memory_.prepared.of(qkv, input, call.rows, workers_);
  workers_.share(weights_.heads, {}, [&](std::size_t begin, std::size_t end, int worker) {
    linear(qkv, call, {begin * head_panels, end * head_panels});
    std::size_t row = 0;
    for (const Segment& segment : request.segments) {
      for (std::size_t head = begin; head < end; ++head) attend_head(layer, head, row, segment, worker);
      row += segment.tokens.size();
    }
  });
}

// The rows of one segment, from `row` on.
void TransformerPass::attend_head(std::size_t layer, std::size_t head, std::size_t row, const Segment& segment,
                                  int worker) const noexcept {
  const std::size_t rows = segment.tokens.size();
  const std::size_t stride = weights_.heads * 3 * weights_.head_stride;
  float* queries = memory_.qkv.data() + row * stride + head * 3 * weights_.head_stride;
  float* keys = queries + weights_.head_stride;
  if (weights_.rotary) {
    for (float* turned : {queries, keys}) {
      kernels::rotate(kernels::Rotation<float>{.rows = rows,
                                               .heads = 1,
                                               .head_width = weights_.head_width,
                                               .time = rows,
                                               .offset = segment.first,
                                               .table = &*weights_.rotary,
                                               .vectors = {turned, stride}},
                      {});
    }
  }
  const kernels::HeadCache cache = segment.cache->head(segment.cache->shape().layers == 1 ? 0 : layer, head);
  append(cache, segment.first, rows, {keys, stride}, {keys + weights_.head_stride, stride});
  kernels::AttentionCall call;
  call.rows = rows;
  call.first = segment.first;
  call.positions = segment.first + rows;
  call.causal = weights_.config.masking == Masking::kCausal;
  const kernels::PackedMatrix& distances = weights_.layers[layer].distances;
  if (distances.rows() > 0) {
    call.distances.keys = distances.view().from(head * distances.panels() / weights_.heads);
    call.distances.ahead = call.causal ? 0 : static_cast<std::size_t>(weights_.config.context_length) - 1;
  }
  call.queries = {queries, stride};
  call.output = {memory_.mixed.data() + row * weights_.width + head * weights_.head_width, weights_.width};
  call.scratch = memory_.scores.data() + static_cast<std::size_t>(worker) * memory_.scores_stride;
  attend(cache, call);
}

void TransformerPass::multiply(const kernels::PackedMatrix& matrix, LinearCall call) const noexcept {
  call.prepared = memory_.prepared.of(matrix, call.input, call.rows, workers_);
  workers_.share(matrix.panels(), cut_of(matrix), [&](std::size_t begin, std::size_t end, int) {
    linear(matrix, call, {begin, end});
  });
}

void TransformerPass::mlp(const TransformerLayer& layer, ConstRows input, ConstRows residual,
                          std::size_t rows) const noexcept {
  const auto d_ff = static_cast<std::size_t>(weights_.config.d_ff);
  const auto activation = kernel_activation(weights_.config.activation);
  multiply(layer.fc1, {rows, input, {memory_.hidden.data(), d_ff}, {}, activation});
  multiply(layer.fc2, {rows, {memory_.hidden.data(), d_ff}, {memory_.residual.data(), weights_.width}, residual});
}

void TransformerPass::write_logits(ConstRows input, const PassRequest& request) const noexcept {
  const auto vocab = static_cast<std::size_t>(weights_.config.vocab_size);
  const std::size_t rows = request.rows();
  const std::size_t skipped = request.all_logits ? 0 : rows - 1;
  const ConstRows wanted = {input.data + skipped * input.stride, input.stride};
  multiply(weights_.output, {rows - skipped, wanted, {request.logits, vocab}});
}

}  // namespace continuo::engine
