#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include "elementwise/scalar_functions.h"
#include "matmul/block_product.h"
#include "recurrent/recurrent_table.h"

// What recurrent layers mean, in plain C++, one sequence at a time: the reference for the other instruction sets.
namespace continuo::kernels {
namespace {

// The output's gradient.
template <typename Call>
float gradient_at(const Call& call, std::size_t row, std::size_t unit) {
  const float narrow = call.gradient ? to_float(call.gradient.row(row)[unit]) : 0.0F;
  return call.wide_gradient ? narrow + call.wide_gradient.row(row)[unit] : narrow;
}

// A row at one step of one sequence, and the numbers of the step before, which are 0 at the first one.
struct Row {
  std::size_t now, batch;

  template <typename Number>
  float before(Matrix<Number> of, std::size_t unit) const {
    return now < batch ? 0.0F : to_float(of.row(now - batch)[unit]);
  }
};

// U h for one unit of one gate.
template <typename Call>
float recurrent_sum(const Call& call, Row row, std::size_t gate, std::size_t unit) {
  using Number = std::remove_cvref_t<decltype(*call.weights)>;
  const std::size_t hidden = call.shape.hidden_size, padded = round_up(hidden, kGroup<Number>);
  const Number* weights = call.weights + packed_gates_size<Number>(gate, hidden);
  float sum = 0;
  for (std::size_t k = 0; k < hidden; ++k) {
    sum += row.before(call.output, k) * to_float(weights[packed_index<Number>(padded, k, unit)]);
  }
  return sum;
}

// Adds to state_gradient [hidden_size] what comes through U. `column_of(gate)`: where the gate's gradients are.
template <typename Call, typename ColumnOf>
void add_state_gradient(const Call& call, std::size_t row, std::size_t gates, const ColumnOf& column_of,
                        std::vector<float>& state_gradient) {
  using Number = std::remove_cvref_t<decltype(*call.weights)>;
  const std::size_t hidden = call.shape.hidden_size, padded = round_up(gates * hidden, kGroup<Number>);
  const Number* gradient = call.projection_gradient.row(row);
  for (std::size_t unit = 0; unit < hidden; ++unit) {
    for (std::size_t k = 0; k < gates * hidden; ++k) {
      const float weight = to_float(call.weights[packed_index<Number>(padded, k, unit)]);
      state_gradient[unit] += to_float(gradient[column_of(k / hidden) * hidden + k % hidden]) * weight;
    }
  }
}

// Calls work(row, carried) for each step of one sequence, with numbers [hidden_size] that are zero at the first one.
template <typename Work>
void forward_in_time(const SequenceShape& shape, std::size_t sequence, const Work& work) {
  std::vector<float> carried(shape.hidden_size, 0.0F);
  for (std::size_t t = 0; t < shape.time; ++t) work(Row{t * shape.batch + sequence, shape.batch}, carried);
}

template <typename Number>
void lstm_sequence(const LstmForward<Number>& call, std::size_t sequence) {
  const std::size_t hidden = call.shape.hidden_size;
  forward_in_time(call.shape, sequence, [&](Row row, std::vector<float>& cell) {
    for (std::size_t unit = 0; unit < hidden; ++unit) {
      Number* gates = call.gates.row(row.now) + unit;
      const auto sum = [&](std::size_t gate) {
        return to_float(gates[gate * hidden]) + recurrent_sum(call, row, gate, unit);
      };
      const float input = sigmoid(sum(0)), forget = sigmoid(sum(1)), candidate = std::tanh(sum(2)),
                  output = sigmoid(sum(3));
      cell[unit] = forget * cell[unit] + input * candidate;
      call.cells.row(row.now)[unit] = cell[unit];
      call.output.row(row.now)[unit] = number_from<Number>(output * std::tanh(cell[unit]));
      std::size_t column = 0;
      for (const float gate : {input, forget, candidate, output}) {
        gates[hidden * column++] = number_from<Number>(gate);
      }
    }
  });
}

// Gradients on their way back through time, [hidden_size] each.
struct Carried {
  std::vector<float> state, cell;
};

// Calls work(row, carried) for each step of one sequence, the last one first.
template <typename Work>
void backward_in_time(const SequenceShape& shape, std::size_t sequence, const Work& work) {
  Carried carried{std::vector<float>(shape.hidden_size, 0.0F), std::vector<float>(shape.hidden_size, 0.0F)};
  for (std::size_t t = shape.time; t-- > 0;) work(Row{t * shape.batch + sequence, shape.batch}, carried);
}

template <typename Number>
void lstm_sequence_gradient(const LstmBackward<Number>& call, std::size_t sequence) {
  const std::size_t hidden = call.shape.hidden_size;
  backward_in_time(call.shape, sequence, [&](Row row, Carried& carried) {
    for (std::size_t unit = 0; unit < hidden; ++unit) {
      const auto gate = [&](std::size_t index) { return to_float(call.gates.row(row.now)[index * hidden + unit]); };
      const float input = gate(0), forget = gate(1), candidate = gate(2), output = gate(3);
      const float squashed = std::tanh(call.cells.row(row.now)[unit]);
      const float state = carried.state[unit] + gradient_at(call, row.now, unit);
      const float cell = carried.cell[unit] + state * output * (1.0F - squashed * squashed);
      carried.cell[unit] = cell * forget;
      std::size_t column = 0;
      for (const float gradient :
           {cell * candidate * input * (1.0F - input), cell * row.before(call.cells, unit) * forget * (1.0F - forget),
            cell * input * (1.0F - candidate * candidate), state * squashed * output * (1.0F - output)}) {
        call.projection_gradient.row(row.now)[hidden * column++ + unit] = number_from<Number>(gradient);
      }
    }
    std::fill(carried.state.begin(), carried.state.end(), 0.0F);
    add_state_gradient(
        call, row.now, kLstmGates, [](std::size_t gate) { return gate; }, carried.state);
  });
}

template <typename Number>
void gru_sequence(const GruForward<Number>& call, std::size_t sequence) {
  const std::size_t hidden = call.shape.hidden_size;
  forward_in_time(call.shape, sequence, [&](Row row, std::vector<float>& state) {
    for (std::size_t unit = 0; unit < hidden; ++unit) {
      Number* gates = call.gates.row(row.now) + unit;
      const auto projection = [&](std::size_t gate) { return to_float(gates[gate * hidden]); };
      const float bias = call.recurrent_bias == nullptr ? 0.0F : call.recurrent_bias[unit];
      const float reset = sigmoid(projection(0) + recurrent_sum(call, row, 0, unit));
      const float update = sigmoid(projection(1) + recurrent_sum(call, row, 1, unit));
      const float recurrent = recurrent_sum(call, row, 2, unit) + bias;
      const float candidate = std::tanh(projection(2) + reset * recurrent);
      state[unit] = candidate + update * (state[unit] - candidate);
      call.output.row(row.now)[unit] = number_from<Number>(state[unit]);
      std::size_t column = 0;
      for (const float kept : {reset, update, candidate, recurrent}) {
        gates[hidden * column++] = number_from<Number>(kept);
      }
    }
  });
}

template <typename Number>
void gru_sequence_gradient(const GruBackward<Number>& call, std::size_t sequence) {
  const std::size_t hidden = call.shape.hidden_size;
  backward_in_time(call.shape, sequence, [&](Row row, Carried& carried) {
    for (std::size_t unit = 0; unit < hidden; ++unit) {
      const auto gate = [&](std::size_t index) { return to_float(call.gates.row(row.now)[index * hidden + unit]); };
      const float reset = gate(0), update = gate(1), candidate = gate(2), recurrent = gate(3);
      const float state = carried.state[unit] + gradient_at(call, row.now, unit);
      const float candidate_gradient = state * (1.0F - update) * (1.0F - candidate * candidate);
      const float change = row.before(call.output, unit) - candidate;
      carried.state[unit] = state * update;
      std::size_t column = 0;
      for (const float gradient :
           {candidate_gradient * recurrent * reset * (1.0F - reset), state * change * update * (1.0F - update),
            candidate_gradient, candidate_gradient * reset}) {
        call.projection_gradient.row(row.now)[hidden * column++ + unit] = number_from<Number>(gradient);
      }
    }
    add_state_gradient(
        call, row.now, kGruGates, [](std::size_t gate) { return gate == 2 ? 3 : gate; }, carried.state);
  });
}

void update_cell(const LstmGates& gates, float* cell, float* hidden_state, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    cell[i] = sigmoid(gates.forget[i]) * cell[i] + sigmoid(gates.input[i]) * std::tanh(gates.candidate[i]);
    hidden_state[i] = sigmoid(gates.output[i]) * std::tanh(cell[i]);
  }
}

void update_gru_state(const GruGates& gates, float* state, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    const float candidate = std::tanh(gates.candidate[i] + sigmoid(gates.reset[i]) * gates.recurrent[i]);
    state[i] = candidate + sigmoid(gates.update[i]) * (state[i] - candidate);
  }
}

// One function for all sequences of a part.
template <auto kSequence, typename Call>
void sequences(const Call& call, Part part) {
  for (std::size_t b = part.begin(call.shape.batch); b < part.end(call.shape.batch); ++b) kSequence(call, b);
}

}  // namespace

template <typename Number>
const RecurrentTable<Number>& scalar_recurrent_table() {
  static constexpr RecurrentTable<Number> kTable = {
      sequences<lstm_sequence<Number>, LstmForward<Number>>,
      sequences<lstm_sequence_gradient<Number>, LstmBackward<Number>>,
      sequences<gru_sequence<Number>, GruForward<Number>>,
      sequences<gru_sequence_gradient<Number>, GruBackward<Number>>,
  };
  return kTable;
}
template const RecurrentTable<float>& scalar_recurrent_table();
template const RecurrentTable<Bf16>& scalar_recurrent_table();

const CellTable& scalar_cell_table() {
  static constexpr CellTable kTable = {update_cell, update_gru_state};
  return kTable;
}

}  // namespace continuo::kernels
