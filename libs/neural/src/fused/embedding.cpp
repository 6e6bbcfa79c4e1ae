#include "fused/embedding.h"

#include <torch/torch.h>

#include "continuo/kernels/embedding.h"
#include "continuo/neural/timing.h"

#include "shared/kernel_views.h"

namespace continuo::neural::fused {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct EmbeddingFunction : torch::autograd::Function<EmbeddingFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& ids, const Tensor& words,
                        const MaybeTensor& positions) {
    const Timing timing("embedding, forward");
    const Tensor out = torch::empty({ids.size(0), ids.size(1), words.size(1)}, torch::kFloat32);
    kernels::Embedding call;
    call.rows = std::size_t(ids.numel());
    call.width = std::size_t(words.size(1));
    call.ids = ids.data_ptr<std::int64_t>();
    call.words = rows_of<const float>(words);
    call.time = std::size_t(ids.size(1));
    if (positions->defined()) call.positions = rows_of<const float>(*positions);
    call.output = rows_of<float>(out);
    in_parts(kernels::parts_of_rows(call.rows), [&](auto part) { kernels::embed(call, part); });
    context->save_for_backward({ids});
    context->saved_data["words"] = words.size(0);
    context->saved_data["positions"] = positions->defined();
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const Tensor ids = context->get_saved_variables()[0], d_out = gradients[0].contiguous();
    const Timing timing("embedding, backward");
    const Tensor d_words = torch::empty({context->saved_data["words"].toInt(), d_out.size(2)}, torch::kFloat32);
    kernels::EmbeddingGradient call;
    call.rows = std::size_t(ids.numel());
    call.width = std::size_t(d_words.size(1));
    call.words = std::size_t(d_words.size(0));
    call.ids = ids.data_ptr<std::int64_t>();
    call.gradient = rows_of<const float>(d_out);
    call.word_gradient = rows_of<float>(d_words);
    in_parts(kernels::parts_of(call), [&](auto part) { kernels::embedding_gradient(call, part); });
    return {{}, d_words, context->saved_data["positions"].toBool() ? d_out.sum(0) : Tensor()};
  }
};

}  // namespace

Tensor embed(const Tensor& ids, const Tensor& words, const Tensor& positions) {
  const Tensor rows = positions.defined() ? positions.contiguous() : positions;
  return EmbeddingFunction::apply(ids.contiguous(), words, MaybeTensor(rows));
}

}  // namespace continuo::neural::fused
