#include "models/transformer.h"

namespace continuo::engine {

using checkpoint::NormPlacement;
using kernels::Matrix;

void TransformerPass::run(const PassRequest& request) const noexcept {
  embed(request);
  memory_.attention.begin_pass(request.segments);
  switch (weights_.config.norm_placement) {
    case NormPlacement::kPre:
      return write_logits(pre_norm_layers(request), request);
    case NormPlacement::kPost:
      return write_logits(post_norm_layers(request), request);
  }
}

TransformerPass::Rows TransformerPass::pre_norm_layers(const PassRequest& request) const noexcept {
  for (std::size_t index = 0; index < weights_.layers.size(); ++index) pre_norm_block(index, request);
  return normalised(weights_.outer_norm, request.rows());
}

TransformerPass::Rows TransformerPass::post_norm_layers(const PassRequest& request) const noexcept {
  Rows input = normalised(weights_.outer_norm, request.rows());
  for (std::size_t index = 0; index < weights_.layers.size(); ++index) input = post_norm_block(index, input, request);
  return input;
}

// x += attention(norm(x)); x += feed_forward(norm(x)), x being the residual stream.
void TransformerPass::pre_norm_block(std::size_t index, const PassRequest& request) const noexcept {
  const TransformerLayer& layer = weights_.layers[index];
  const std::size_t rows = request.rows();
  attend(index, normalised(layer.attention_norm, rows), residual_stream(), request);
  feed_forward(index, normalised(layer.mlp_norm, rows), residual_stream(), rows);
}

// x = norm(x + attention(x)); x = norm(x + feed_forward(x)), x being the input.
TransformerPass::Rows TransformerPass::post_norm_block(std::size_t index, Rows input,
                                                       const PassRequest& request) const noexcept {
  const TransformerLayer& layer = weights_.layers[index];
  const std::size_t rows = request.rows();
  attend(index, input, input, request);
  const Rows attended = normalised(layer.attention_norm, rows);
  feed_forward(index, attended, attended, rows);
  return normalised(layer.mlp_norm, rows);
}

void TransformerPass::attend(std::size_t index, Rows input, Rows residual, const PassRequest& request) const noexcept {
  const AttentionLayer& layer = weights_.layers[index].attention;
  const std::size_t rows = request.rows();
  const AttentionPass attention(weights_.attention, memory_.attention, memory_.prepared, workers_);
  const Rows mixed = attention.run(layer, index, input, rows, request.segments);
  project(layer.proj, {rows, mixed, residual_stream(), residual}, memory_.prepared, workers_);
}

void TransformerPass::feed_forward(std::size_t index, Rows input, Rows residual, std::size_t rows) const noexcept {
  FeedForwardCall call;
  call.rows = rows;
  call.kind = checkpoint::traits_of(weights_.config.feed_forward);
  call.input = input;
  call.residual = residual;
  call.output = residual_stream();
  call.ff_activation = {memory_.ff_activation.data(), ff_activation_width(weights_.config)};
  engine::feed_forward(weights_.layers[index].feed_forward, call, memory_.prepared, workers_);
}

void TransformerPass::embed(const PassRequest& request) const noexcept {
  float* out = memory_.residual.data();
  for (const Segment& segment : request.segments) {
    engine::embed(weights_.embedding, segment.input, segment.first, out);
    out += segment.input.size() * weights_.width;
  }
}

TransformerPass::Rows TransformerPass::normalised(const NormLayer& norm, std::size_t rows) const noexcept {
  const Matrix<float> output = {memory_.input.data(), weights_.width};
  normalise(norm, weights_.config.norm_epsilon, rows, residual_stream(), output, workers_);
  return output;
}

void TransformerPass::write_logits(Rows input, const PassRequest& request) const noexcept {
  const auto vocab = static_cast<std::size_t>(weights_.config.vocab_size);
  const std::size_t rows = request.rows(), skipped = request.all_logits ? 0 : rows - 1;
  project(weights_.output, {rows - skipped, input.from_row(skipped), {request.logits, vocab}}, memory_.prepared,
          workers_);
}

}  // namespace continuo::engine
