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

kernels::Activation kernel_activation(Activation activation) {
  return activation == Activation::kGelu ? kernels::Activation::kGelu : kernels::Activation::kGeluTanh;
}

}  // namespace

void TransformerPass::run(const Worker& worker, const PassRequest& request) const noexcept {
  const std::size_t rows = request.rows();
  const std::size_t width = weights_.width;
  const bool pre = weights_.config.norm_placement == NormPlacement::kPre;
  const Rows residual = {memory_.residual.data(), width};
  ConstRows input;
  embed(worker, request);
  if (!pre) input = normalise(worker, weights_.outer_norm, rows);
  for (std::size_t index = 0; index < weights_.layers.size(); ++index) {
    const TransformerLayer& layer = weights_.layers[index];
    if (pre) input = normalise(worker, layer.attention_norm, rows);
    // What a sublayer's result is added to: the running sum, or the normalised input of a post-norm model.
    const ConstRows sum = {residual.data, residual.stride};
    attention(worker, index, input, request);
    worker.sync();
    multiply(worker, layer.proj, {rows, {memory_.mixed.data(), width}, residual, pre ? sum : input});
    worker.sync();
    input = normalise(worker, pre ? layer.mlp_norm : layer.attention_norm, rows);
    mlp(worker, layer, input, pre ? sum : input, rows);
    if (!pre) input = normalise(worker, layer.mlp_norm, rows);
  }
  if (pre) input = normalise(worker, weights_.outer_norm, rows);
  write_logits(worker, input, request);
}

void TransformerPass::embed(const Worker& worker, const PassRequest& request) const noexcept {
  const std::size_t width = weights_.width;
  const Share share = worker.share(request.rows());
  std::size_t row = 0;
  for (const Segment& segment : request.segments) {
    for (std::size_t i = 0; i < segment.tokens.size(); ++i, ++row) {
      if (row < share.begin || row >= share.end) continue;
      const float* token = weights_.token_embedding.data() + static_cast<std::size_t>(segment.tokens[i]) * width;
      float* out = memory_.residual.data() + row * width;
      if (weights_.position_embedding.empty()) {
        std::copy_n(token, width, out);
      } else {
        kernels::add(token, weights_.position_embedding.data() + (segment.first + i) * width, out, width);
      }
    }
  }
  worker.sync();
}

// A single row is normalised by each thread for itself, which costs less than waiting for one another.
ConstRows TransformerPass::normalise(const Worker& worker, const NormLayer& norm, std::size_t rows) const noexcept {
  const std::size_t width = weights_.width;
  const kernels::NormWeights parameters = {norm.scale.data(), norm.shift.data(),
                                           static_cast<float>(weights_.config.norm_epsilon)};
  if (rows == 1) {
    float* own = memory_.own_row.data() + static_cast<std::size_t>(worker.index()) * memory_.own_row_stride;
    kernels::layer_norm(parameters, memory_.residual.data(), own, width);
    return {own, width};
  }
  const Share share = worker.share(rows);
  for (std::size_t row = share.begin; row < share.end; ++row) {
    kernels::layer_norm(parameters, memory_.residual.data() + row * width, memory_.input.data() + row * width, width);
  }
  worker.sync();
  return {memory_.input.data(), width};
}

// A thread computes its heads from queries to weighted values without waiting for others.
void TransformerPass::attention(const Worker& worker, std::size_t layer, ConstRows input,
                                const PassRequest& request) const noexcept {
  const std::size_t stride = weights_.heads * 3 * weights_.head_stride;
  const std::size_t head_panels = 3 * weights_.head_stride / kernels::kPanelRows;
  const Share share = worker.share(weights_.heads);
  linear(weights_.layers[layer].qkv, {request.rows(), input, {memory_.qkv.data(), stride}},
         {share.begin * head_panels, share.end * head_panels});
  std::size_t row = 0;
  for (const Segment& segment : request.segments) {
    for (std::size_t head = share.begin; head < share.end; ++head) attend_head(worker, layer, head, row, segment);
    row += segment.tokens.size();
  }
}

// The rows of one segment, from `row` on.
void TransformerPass::attend_head(const Worker& worker, std::size_t layer, std::size_t head, std::size_t row,
                                  const Segment& segment) const noexcept {
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
  call.scratch = memory_.scores.data() + static_cast<std::size_t>(worker.index()) * memory_.scores_stride;
  attend(cache, call);
}

void TransformerPass::multiply(const Worker& worker, const kernels::PackedMatrix& matrix,
                               const LinearCall& call) const noexcept {
  const Share share = worker.share(matrix.panels());
  linear(matrix, call, {share.begin, share.end});
}

void TransformerPass::mlp(const Worker& worker, const TransformerLayer& layer, ConstRows input, ConstRows residual,
                          std::size_t rows) const noexcept {
  const auto d_ff = static_cast<std::size_t>(weights_.config.d_ff);
  const auto activation = kernel_activation(weights_.config.activation);
  multiply(worker, layer.fc1, {rows, input, {memory_.hidden.data(), d_ff}, {}, activation});
  worker.sync();
  multiply(worker, layer.fc2,
           {rows, {memory_.hidden.data(), d_ff}, {memory_.residual.data(), weights_.width}, residual});
  worker.sync();
}

void TransformerPass::write_logits(const Worker& worker, ConstRows input, const PassRequest& request) const noexcept {
  const auto vocab = static_cast<std::size_t>(weights_.config.vocab_size);
  const std::size_t rows = request.rows();
  const std::size_t skipped = request.all_logits ? 0 : rows - 1;
  const ConstRows wanted = {input.data + skipped * input.stride, input.stride};
  multiply(worker, weights_.output, {rows - skipped, wanted, {request.logits, vocab}});
}

}  // namespace continuo::engine
