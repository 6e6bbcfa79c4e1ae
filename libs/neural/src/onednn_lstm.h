#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace continuo::neural {

// One LSTM layer over whole sequences by oneDNN's primitive, which keeps the recurrent weights packed and sums the
// weight gradients in place: several times faster than a loop of separate products. Without libtorch.
// oneDNN 3 changed this interface and libtorch 2 calls it by itself, so there `create` gives nothing.
struct LstmShape {
  std::int64_t time, batch, input, hidden;
  bool bf16;
  friend auto operator<=>(const LstmShape&, const LstmShape&) = default;
};

// Type T below: bf16 when shape.bf16, else fp32. Sequences are [time, batch, features]; weights [4 hidden, features],
// gates i, f, g, o; all dense.
struct LstmWeights {
  const void* input;      // T
  const void* recurrent;  // T
  const float* bias;
};

struct LstmGradients {
  const float* output;  // given
  float *x, *input, *recurrent, *bias;
};

class OnednnLstm {
 public:
  // One for each shape, kept for later calls from the same thread. Null where oneDNN cannot do it.
  static OnednnLstm* find(const LstmShape& shape);
  virtual ~OnednnLstm() = default;

  virtual std::size_t workspace_bytes() const = 0;
  // `x` and `output` are T. The workspace carries what backward() needs.
  virtual void forward(const LstmWeights& weights, const void* x, void* output, void* workspace) = 0;
  virtual void backward(const LstmWeights& weights, const void* x, const void* output, const void* workspace,
                        const LstmGradients& gradients) = 0;
};

}  // namespace continuo::neural
