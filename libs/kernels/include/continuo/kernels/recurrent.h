#pragma once

#include <cstddef>

#include "continuo/kernels/linear.h"
#include "continuo/kernels/matrix.h"
#include "continuo/kernels/part.h"

// LSTM and GRU layers: one step for playing, and whole sequences that start from a zero state, forward and
// backward. Only what depends on the step before is done here. What does not is left to linear() and weight_gradient(),
// for all steps at once: the projections of the inputs before, the gradients of weights, biases and inputs after.
// Rows are time-major: row t * batch + b is step t of sequence b. Products have operands in Number, float or Bf16; what
// is carried from step to step outside of them (cells, hidden states, gradients of both) is fp32.
// Parts are sequences of the batch, each of which walks through time alone.
// Source: Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997, with the forget gate of Gers, Schmidhuber and
// Cummins, "Learning to Forget", 2000; Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", 2014.
namespace continuo::kernels {

inline constexpr std::size_t kLstmGates = 4, kGruGates = 3;

struct SequenceShape {
  std::size_t time = 0, batch = 0;
  std::size_t hidden_size = 0;  // units
};
// Split by sequences. Each part reads all weights at each step of time.
inline Parts parts_of(const SequenceShape& shape) { return {parts_for(shape.batch, 16), true}; }

// One LSTM cell update for `count` units, from the gates' sums before their activations.
// cell = sigmoid(forget) * cell + sigmoid(input) * tanh(candidate); hidden_state = sigmoid(output) * tanh(cell).
// Gate order i, f, g, o as in PyTorch.
struct LstmGates {
  const float* input;
  const float* forget;
  const float* candidate;
  const float* output;
};
void lstm_cell(const LstmGates& gates, float* cell, float* hidden_state, std::size_t count) noexcept;

// One GRU cell update for `count` units, from the sums of the gates r, z, n, of which n has that of the inputs and,
// apart, U h + c. `state` is the hidden state before, and becomes the one after.
// state = n + sigmoid(update) * (state - n) with n = tanh(candidate + sigmoid(reset) * recurrent).
struct GruGates {
  const float* reset;
  const float* update;
  const float* candidate;
  const float* recurrent;
};
void gru_cell(const GruGates& gates, float* state, std::size_t count) noexcept;

// Recurrent weights [gates * hidden_size, hidden_size] for the forward pass: gate by gate, each in whole panels of its
// own, so that a unit has the same place in the panels of all its gates. The backward pass takes what
// pack_weights(WeightSide::kInputGradient, gates * hidden_size, hidden_size, ...) makes of them.
template <typename Number>
std::size_t packed_gates_size(std::size_t gates, std::size_t hidden_size);
template <typename Number>
void pack_gates(std::size_t gates, std::size_t hidden_size, const float* weights, Number* packed, Part part);

// With a = the projections W x + b, and U the recurrent weights:
//   i, f, o = sigmoid(a + U h),  g = tanh(a + U h),  c' = f c + i g,  h' = o tanh(c').
template <typename Number>
struct LstmForward {
  SequenceShape shape;
  const Number* weights = nullptr;  // of pack_gates
  Matrix<Number> gates;             // [time * batch, 4 * hidden_size], i, f, g, o: projections, which become the gates
  Matrix<float> cells;              // [time * batch, hidden_size]
  Matrix<Number> output;            // [time * batch, hidden_size]
};
template <typename Number>
void lstm(const LstmForward<Number>& call, Part part);

// The output's gradient is the sum of `gradient` and `wide_gradient`, each optional.
template <typename Number>
struct LstmBackward {
  SequenceShape shape;
  const Number* weights = nullptr;     // of pack_weights
  Matrix<const Number> gates;          // of the forward pass
  Matrix<const float> cells;           // of the forward pass
  Matrix<const Number> gradient;       // [time * batch, hidden_size]
  Matrix<const float> wide_gradient;   // [time * batch, hidden_size]
  Matrix<Number> projection_gradient;  // [time * batch, 4 * hidden_size]; may be the gates' own memory
};
// All rows of `projection_gradient` with those of the inputs make the gradients of W, b and x. The gradient of U comes
// from its rows after the first step, with those of the output before the last step.
template <typename Number>
void lstm_gradient(const LstmBackward<Number>& call, Part part);

//   r, z = sigmoid(a + U h),  n = tanh(a + r (U h + c)),  h' = (1 - z) n + z h.
// As in PyTorch the reset gate comes after the product; in the paper before it. The biases of both products of r and z
// belong into the projections.
template <typename Number>
struct GruForward {
  SequenceShape shape;
  const Number* weights = nullptr;        // of pack_gates
  const float* recurrent_bias = nullptr;  // c [hidden_size], or null
  Matrix<Number>
      gates;  // [time * batch, 4 * hidden_size]: projections of r, z, n, which become the gates; then U h + c
  Matrix<Number> output;  // [time * batch, hidden_size]
};
template <typename Number>
void gru(const GruForward<Number>& call, Part part);

template <typename Number>
struct GruBackward {
  SequenceShape shape;
  const Number* weights = nullptr;    // of pack_weights
  Matrix<const Number> gates;         // of the forward pass
  Matrix<const Number> output;        // of the forward pass
  Matrix<const Number> gradient;      // as for the LSTM
  Matrix<const float> wide_gradient;  // as for the LSTM
  Matrix<Number>
      projection_gradient;  // [time * batch, 4 * hidden_size]: of r, z, n and of n's U h + c; may be the gates'
};
// As for the LSTM, but the gradients of W, b and x come from columns r, z, n; that of U from r, z and the last ones in
// place of n; and the sums of the last ones are c's.
template <typename Number>
void gru_gradient(const GruBackward<Number>& call, Part part);

}  // namespace continuo::kernels
