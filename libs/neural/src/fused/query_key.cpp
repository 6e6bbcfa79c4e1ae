#include "fused/query_key.h"

#include <map>
#include <memory>
#include <mutex>

#include <torch/torch.h>

#include "continuo/kernels/head_norm.h"
#include "continuo/kernels/rotary.h"

#include "shared/kernel_views.h"

namespace continuo::neural::fused {
namespace {

using kernels::Matrix;
using torch::Tensor;

// The longest table of each width so far.
std::shared_ptr<const kernels::RotaryTable> rotary_table(std::size_t positions, std::size_t features) {
  static std::mutex mutex;
  static std::map<std::size_t, std::shared_ptr<const kernels::RotaryTable>> tables;
  const std::lock_guard lock(mutex);
  auto& table = tables[features];
  if (table == nullptr || table->positions < positions) {
    table = std::make_shared<const kernels::RotaryTable>(positions, features);
  }
  return table;
}

// Heads that lie side by side in the rows of one sequence, and all share one scale: the queries of a piece, or its key.
struct Heads {
  std::size_t first, count;  // among the heads of queries, then of keys
  const Tensor& scale;
};

// One piece of one call, in the number type of its rows.
template <typename Number>
class Piece {
 public:
  Piece(const QueryKeyRows& rows, const AttentionOptions& options, std::size_t index)
      : rows_(rows),
        options_(options),
        columns_(rows.qkv, options),
        index_(index),
        time_(std::size_t(rows.qkv.size(1))) {}

  Heads queries() const {
    const std::size_t shared_by = columns_.heads / columns_.kv_heads;
    return {kv_head() * shared_by, shared_by, options_.norm.query_scale};
  }
  Heads key() const { return {columns_.heads + kv_head(), 1, options_.norm.key_scale}; }

  void prepare(const Heads& heads) const {
    if (options_.norm) {
      kernels::head_norm<Number>(
          {norm_shape(heads), view(rows_.qkv, heads), view(rows_.normalised, heads), inverses(heads)});
    }
    if (options_.rotary) rotate(view(rows_.scored(), heads), heads, false);
  }

  void bring_back(const Heads& heads, const Tensor& gradient, const Tensor& scale_gradient) const {
    if (options_.rotary) rotate(view(gradient, heads), heads, true);
    if (!options_.norm) return;
    float* sum = data_of<float>(scale_gradient) + index_ * columns_.head_width;
    kernels::head_norm_gradient<Number>(
        {norm_shape(heads), view(rows_.qkv, heads), inverses(heads), view(gradient, heads), sum});
  }

 private:
  std::size_t kv_head() const { return index_ % columns_.kv_heads; }
  std::size_t first_row() const { return index_ / columns_.kv_heads * time_; }

  Matrix<Number> view(const Tensor& tensor, const Heads& heads) const {
    const Matrix<Number> rows = rows_of<Number>(tensor);
    return {rows.row(first_row()) + heads.first * columns_.head_width, rows.stride};
  }
  Matrix<float> inverses(const Heads& heads) const {
    const Matrix<float> rows = rows_of<float>(rows_.inverses);
    return {rows.row(first_row()) + heads.first, rows.stride};
  }
  kernels::HeadNormShape norm_shape(const Heads& heads) const {
    return {time_, heads.count, columns_.head_width, data_of<const float>(heads.scale), float(options_.norm.epsilon)};
  }
  void rotate(const Matrix<Number>& vectors, const Heads& heads, bool inverse) const {
    const auto table = rotary_table(time_, columns_.head_width);
    kernels::Rotation<Number> call;
    call.rows = call.time = time_;
    call.heads = heads.count;
    call.head_width = columns_.head_width;
    call.table = table.get();
    call.inverse = inverse;
    call.vectors = vectors;
    kernels::rotate(call, {});
  }

  const QueryKeyRows& rows_;
  const AttentionOptions& options_;
  Columns columns_;
  std::size_t index_, time_;
};

}  // namespace

QueryKeyRows query_key_rows(const Tensor& qkv, const AttentionOptions& options) {
  if (!options.norm) return {qkv, {}, {}};
  const Columns columns(qkv, options);
  const auto batch = qkv.size(0), time = qkv.size(1);
  return {qkv, torch::empty({batch, time, std::int64_t(columns.values())}, qkv.options()),
          torch::empty({batch, time, std::int64_t(columns.heads + columns.kv_heads)}, torch::kFloat32)};
}

QueryKeyGradients query_key_gradients(const QueryKeyRows& rows, const AttentionOptions& options) {
  const Tensor qkv = torch::empty_like(rows.qkv);
  if (!options.norm) return {qkv, {}, {}};
  const Columns columns(rows.qkv, options);
  const auto sum_of_each_piece = [&] {
    return torch::empty({rows.qkv.size(0) * std::int64_t(columns.kv_heads), std::int64_t(columns.head_width)},
                        torch::kFloat32);
  };
  return {qkv, sum_of_each_piece(), sum_of_each_piece()};
}

void prepare_piece(const QueryKeyRows& rows, const AttentionOptions& options, std::size_t index) {
  if (!options.norm && !options.rotary) return;
  with_number(rows.qkv.scalar_type(), [&](auto number) {
    const Piece<decltype(number)> piece(rows, options, index);
    piece.prepare(piece.queries());
    piece.prepare(piece.key());
  });
}

void return_piece(const QueryKeyRows& rows, const AttentionOptions& options, std::size_t index,
                  const QueryKeyGradients& gradients) {
  if (!options.norm && !options.rotary) return;
  with_number(rows.qkv.scalar_type(), [&](auto number) {
    const Piece<decltype(number)> piece(rows, options, index);
    piece.bring_back(piece.queries(), gradients.qkv, gradients.query_scale);
    piece.bring_back(piece.key(), gradients.qkv, gradients.key_scale);
  });
}

}  // namespace continuo::neural::fused
