// Recurrent layers in Highway's portable vectors, compiled once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recurrent/recurrent_simd.cpp"
#include <algorithm>
#include <utility>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "elementwise/functions-inl.h"
#include "isa/simd_targets.h"
#include "matmul/block_product-inl.h"
#include "memory/scratch.h"
#include "recurrent/recurrent_table.h"

#if CONTINUO_IS_SIMD_TARGET
HWY_BEFORE_NAMESPACE();
namespace continuo::kernels::HWY_NAMESPACE {

// Sequences that go through time together, so that weights are read once for all of them at each step.
constexpr std::size_t kWalkRows = 4 * kBlockRows;
// Units whose gates' sums exist at the same time: few enough for the second cache level, and enough that what follows
// goes through the gates' rows in pieces worth prefetching.
constexpr std::size_t kUnits = 256;

// Up to a vector of units of one sequence at one step.
struct Place {
  std::size_t row;    // of the call's matrices
  std::size_t local;  // of those that walk together
  std::size_t unit, count;
};

template <typename Number>
HWY_INLINE Vec load_at(Matrix<Number> from, const Place& at, std::size_t column = 0) {
  return load_up_to(from.row(at.row) + column + at.unit, at.count);
}
template <typename Number>
HWY_INLINE void store_at(Vec value, Matrix<Number> to, const Place& at, std::size_t column = 0) {
  store_up_to(value, to.row(at.row) + column + at.unit, at.count);
}

// The same at the step before; 0 at the first one.
template <typename Number>
HWY_INLINE Vec load_before(Matrix<Number> from, const Place& at, std::size_t batch) {
  if (at.row < batch) return hn::Zero(kTag);
  return load_up_to(from.row(at.row - batch) + at.unit, at.count);
}

// Derivatives by the functions' values.
HWY_INLINE Vec sigmoid_derivative(Vec y) { return hn::NegMulAdd(y, y, y); }
HWY_INLINE Vec tanh_derivative(Vec y) { return hn::NegMulAdd(y, y, constant(1.0F)); }

// What follows the products of one step, in two passes: in one, a vector's functions would wait for each other.
// `sums`: U h of each gate, `apart` numbers apart, and then what the first pass leaves to the second, which returns the
// new output. `carried`: fp32 numbers that go from step to step.
template <typename Number>
struct LstmStep {
  static constexpr std::size_t kGates = kLstmGates;
  const LstmForward<Number>& call;

  HWY_INLINE void first_pass(const Place& at, float* sums, std::size_t apart, float* carried) const {
    const std::size_t hidden = call.shape.hidden_size;
    const auto sum = [&](std::size_t gate) {
      return hn::Add(load_at(call.gates, at, gate * hidden), load(sums + gate * apart));
    };
    const Vec input = sigmoid_of(sum(0)), forget = sigmoid_of(sum(1)), candidate = tanh_of(sum(2)),
              output = sigmoid_of(sum(3));
    const Vec cell = hn::MulAdd(forget, load(carried), hn::Mul(input, candidate));
    store(cell, carried);
    store(output, sums);
    store_at(cell, call.cells, at);
    store_at(input, call.gates, at);
    store_at(forget, call.gates, at, hidden);
    store_at(candidate, call.gates, at, 2 * hidden);
    store_at(output, call.gates, at, 3 * hidden);
  }
  HWY_INLINE Vec second_pass(const Place& /*at*/, const float* sums, std::size_t /*apart*/, float* carried) const {
    return hn::Mul(load(sums), tanh_of(load(carried)));
  }
};

template <typename Number>
struct GruStep {
  static constexpr std::size_t kGates = kGruGates;
  const GruForward<Number>& call;

  HWY_INLINE void first_pass(const Place& at, float* sums, std::size_t apart, float* /*carried*/) const {
    const std::size_t hidden = call.shape.hidden_size;
    const Vec reset = sigmoid_of(hn::Add(load_at(call.gates, at), load(sums)));
    const Vec update = sigmoid_of(hn::Add(load_at(call.gates, at, hidden), load(sums + apart)));
    Vec recurrent = load(sums + 2 * apart);
    if (call.recurrent_bias != nullptr) {
      recurrent = hn::Add(recurrent, load_up_to(call.recurrent_bias + at.unit, at.count));
    }
    store(hn::MulAdd(reset, recurrent, load_at(call.gates, at, 2 * hidden)), sums);
    store(update, sums + apart);
    store_at(reset, call.gates, at);
    store_at(update, call.gates, at, hidden);
    store_at(recurrent, call.gates, at, 3 * hidden);
  }
  HWY_INLINE Vec second_pass(const Place& at, const float* sums, std::size_t apart, float* carried) const {
    const Vec candidate = tanh_of(load(sums));
    const Vec state = hn::MulAdd(load(sums + apart), hn::Sub(load(carried), candidate), candidate);
    store(state, carried);
    store_at(candidate, call.gates, at, 2 * call.shape.hidden_size);
    return state;
  }
};

// Memory of the sequences that walk forward together.
template <typename Number>
struct ForwardWalk {
  std::size_t depth;       // of the products: units, padded
  std::size_t width;       // of rows in fp32: whole panels
  Number *before, *after;  // [rows, depth]: hidden states of two steps
  float* carried;          // [rows, width]
  float* sums;             // [gates][kBlockRows][kUnits]

  explicit ForwardWalk(std::size_t hidden)
      : depth(round_up(hidden, kGroup<Number>)), width(round_up(hidden, kPanelRows)) {}
};

// Units [unit, unit + kUnits) of a block of sequences, [first, first + rows) of those that walk together.
template <typename Number, typename Step>
void step_units(const Products<Number>& product, const Step& step, const ForwardWalk<Number>& walk, std::size_t row,
                std::size_t first, std::size_t rows, std::size_t unit) {
  constexpr std::size_t kApart = kBlockRows * kUnits;
  const std::size_t hidden = step.call.shape.hidden_size, width = std::min(kUnits, hidden - unit);
  BlockProduct<Number> p;
  p.rows = rows;
  p.depth = walk.depth;
  p.left = walk.before + first * walk.depth;
  p.row_stride = walk.depth;
  p.out_stride = kUnits;
  for (std::size_t gate = 0; gate < Step::kGates; ++gate) {
    for (std::size_t panel = 0; panel < width; panel += kPanelRows) {
      p.right = step.call.weights + (gate * walk.width + unit + panel) * walk.depth;
      p.out = walk.sums + gate * kApart + panel;
      product_by_blocks(product, p);
    }
  }
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t local = first + r;
    const auto place = [&](std::size_t i) { return Place{row + local, local, unit + i, width - i}; };
    float* sums = walk.sums + r * kUnits;
    float* carried = walk.carried + local * walk.width + unit;
    for (std::size_t i = 0; i < width; i += kLanes) {
      step.first_pass(place(i), sums + i, kApart, carried + i);
    }
    for (std::size_t i = 0; i < width; i += kLanes) {
      const Place at = place(i);
      const Vec output = step.second_pass(at, sums + i, kApart, carried + i);
      store_at(output, step.call.output, at);
      store_up_to(output, walk.after + local * walk.depth + at.unit, at.count);
    }
  }
}

template <typename Number, typename Step>
void walk_forward(const Step& step, Part part) {
  const SequenceShape& shape = step.call.shape;
  const std::size_t end = part.end(shape.batch), together = std::min(kWalkRows, end - part.begin(shape.batch));
  const Products<Number> product;
  ForwardWalk<Number> walk(shape.hidden_size);
  const std::size_t sums = Step::kGates * kBlockRows * kUnits;
  Scratch scratch(2 * together * walk.depth * sizeof(Number) + (together * walk.width + sums) * sizeof(float));
  walk.before = scratch.take<Number>(together * walk.depth);
  walk.after = scratch.take<Number>(together * walk.depth);
  walk.carried = scratch.take<float>(together * walk.width);
  walk.sums = scratch.take<float>(sums);
  for (std::size_t begin = part.begin(shape.batch); begin < end; begin += kWalkRows) {
    const std::size_t rows = std::min(kWalkRows, end - begin);
    std::fill_n(walk.before, rows * walk.depth, Number{});
    std::fill_n(walk.after, rows * walk.depth, Number{});
    std::fill_n(walk.carried, rows * walk.width, 0.0F);
    for (std::size_t t = 0; t < shape.time; ++t) {
      for (std::size_t unit = 0; unit < shape.hidden_size; unit += kUnits) {
        for (std::size_t first = 0; first < rows; first += kBlockRows) {
          step_units(product, step, walk, t * shape.batch + begin, first, std::min(kBlockRows, rows - first), unit);
        }
      }
      std::swap(walk.before, walk.after);
    }
  }
}

// The way back through what follows the products of one step: from the gradient of the output to those of the
// projections. Returns what reaches the state before without a product.
template <typename Number>
struct LstmStepBack {
  using Memory = float;  // gradients of cells
  const LstmBackward<Number>& call;
  Memory* memory = nullptr;

  std::size_t depth() const { return kLstmGates * call.shape.hidden_size; }
  std::size_t memory_width() const { return round_up(call.shape.hidden_size, kPanelRows); }

  HWY_INLINE Vec operator()(const Place& at, Vec state) const {
    const std::size_t hidden = call.shape.hidden_size;
    const Vec input = load_at(call.gates, at), forget = load_at(call.gates, at, hidden),
              candidate = load_at(call.gates, at, 2 * hidden), output = load_at(call.gates, at, 3 * hidden);
    const Vec squashed = tanh_of(load_at(call.cells, at));
    float* carried = memory + at.local * memory_width() + at.unit;
    const Vec cell = hn::MulAdd(hn::Mul(state, output), tanh_derivative(squashed), load(carried));
    store(hn::Mul(cell, forget), carried);
    const Vec before = load_before(call.cells, at, call.shape.batch);
    const Matrix<Number>& out = call.projection_gradient;
    store_at(hn::Mul(hn::Mul(cell, candidate), sigmoid_derivative(input)), out, at);
    store_at(hn::Mul(hn::Mul(cell, before), sigmoid_derivative(forget)), out, at, hidden);
    store_at(hn::Mul(hn::Mul(cell, input), tanh_derivative(candidate)), out, at, 2 * hidden);
    store_at(hn::Mul(hn::Mul(state, squashed), sigmoid_derivative(output)), out, at, 3 * hidden);
    return hn::Zero(kTag);
  }

  // The left side of the product that leads to the state before.
  Matrix<const Number> left(std::size_t row) const {
    return {call.projection_gradient.row(row), call.projection_gradient.stride};
  }
};

template <typename Number>
struct GruStepBack {
  using Memory = Number;  // gradients of the recurrent product: r, z, and what n gets through U
  const GruBackward<Number>& call;
  Memory* memory = nullptr;

  std::size_t depth() const { return round_up(kGruGates * call.shape.hidden_size, kGroup<Number>); }
  std::size_t memory_width() const { return depth(); }

  HWY_INLINE Vec operator()(const Place& at, Vec state) const {
    const std::size_t hidden = call.shape.hidden_size;
    const Vec reset = load_at(call.gates, at), update = load_at(call.gates, at, hidden),
              candidate = load_at(call.gates, at, 2 * hidden), recurrent = load_at(call.gates, at, 3 * hidden);
    const Vec kept = hn::Mul(state, update);
    const Vec to_candidate = hn::Mul(hn::Sub(state, kept), tanh_derivative(candidate));
    const Vec to_reset = hn::Mul(hn::Mul(to_candidate, recurrent), sigmoid_derivative(reset));
    const Vec change = hn::Sub(load_before(call.output, at, call.shape.batch), candidate);
    const Vec to_update = hn::Mul(hn::Mul(state, change), sigmoid_derivative(update));
    const Vec to_recurrent = hn::Mul(to_candidate, reset);
    const Matrix<Number>& out = call.projection_gradient;
    store_at(to_reset, out, at);
    store_at(to_update, out, at, hidden);
    store_at(to_candidate, out, at, 2 * hidden);
    store_at(to_recurrent, out, at, 3 * hidden);
    Number* side = memory + at.local * depth() + at.unit;
    store_up_to(to_reset, side, at.count);
    store_up_to(to_update, side + hidden, at.count);
    store_up_to(to_recurrent, side + 2 * hidden, at.count);
    return kept;
  }

  Matrix<const Number> left(std::size_t /*row*/) const { return {memory, depth()}; }
};

template <typename Call>
HWY_INLINE Vec output_gradient(const Call& call, const Place& at) {
  const Vec narrow = call.gradient ? load_at(call.gradient, at) : hn::Zero(kTag);
  return call.wide_gradient ? hn::Add(narrow, load_at(call.wide_gradient, at)) : narrow;
}

// One step of `rows` sequences from `row` on. Shape: states [rows, whole panels], the gradients of the hidden states.
template <typename Number, typename Step>
void step_back(const Products<Number>& product, const Step& step, std::size_t row, std::size_t rows, float* states) {
  const std::size_t hidden = step.call.shape.hidden_size, width = round_up(hidden, kPanelRows);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t unit = 0; unit < hidden; unit += kLanes) {
      const Place at{row + r, r, unit, hidden - unit};
      float* state = states + r * width + unit;
      store(step(at, hn::Add(load(state), output_gradient(step.call, at))), state);
    }
  }
  if (row < step.call.shape.batch) return;
  BlockProduct<Number> p;
  p.rows = rows;
  p.depth = step.depth();
  p.left = step.left(row).data;
  p.row_stride = step.left(row).stride;
  p.out_stride = width;
  p.accumulate = true;
  for (std::size_t unit = 0; unit < hidden; unit += kPanelRows) {
    p.right = step.call.weights + unit * p.depth;
    p.out = states + unit;
    product_by_blocks(product, p);
  }
}

template <typename Number, typename Step>
void walk_back(Step step, Part part) {
  const SequenceShape& shape = step.call.shape;
  const std::size_t end = part.end(shape.batch), together = std::min(kWalkRows, end - part.begin(shape.batch));
  const std::size_t width = round_up(shape.hidden_size, kPanelRows);
  const Products<Number> product;
  Scratch scratch(together * (width * sizeof(float) + step.memory_width() * sizeof(typename Step::Memory)));
  auto* states = scratch.take<float>(together * width);
  step.memory = scratch.take<typename Step::Memory>(together * step.memory_width());
  for (std::size_t begin = part.begin(shape.batch); begin < end; begin += kWalkRows) {
    const std::size_t rows = std::min(kWalkRows, end - begin);
    std::fill_n(states, rows * width, 0.0F);
    std::fill_n(step.memory, rows * step.memory_width(), typename Step::Memory{});
    for (std::size_t t = shape.time; t-- > 0;) step_back(product, step, t * shape.batch + begin, rows, states);
  }
}

template <typename Number>
void lstm_rows(const LstmForward<Number>& call, Part part) {
  walk_forward<Number>(LstmStep<Number>{call}, part);
}
template <typename Number>
void lstm_rows_back(const LstmBackward<Number>& call, Part part) {
  walk_back<Number>(LstmStepBack<Number>{call}, part);
}
template <typename Number>
void gru_rows(const GruForward<Number>& call, Part part) {
  walk_forward<Number>(GruStep<Number>{call}, part);
}
template <typename Number>
void gru_rows_back(const GruBackward<Number>& call, Part part) {
  walk_back<Number>(GruStepBack<Number>{call}, part);
}

struct CellState {
  Vec cell;
  Vec hidden_state;
};

HWY_INLINE CellState advance(Vec input, Vec forget, Vec candidate, Vec output, Vec cell) {
  const Vec kept = hn::Mul(sigmoid_of(forget), cell);
  const Vec next = hn::MulAdd(sigmoid_of(input), tanh_of(candidate), kept);
  return {next, hn::Mul(sigmoid_of(output), tanh_of(next))};
}

void update_cell(const LstmGates& gates, float* cell, float* hidden_state, std::size_t count) noexcept {
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const CellState state =
        advance(hn::LoadU(kTag, gates.input + i), hn::LoadU(kTag, gates.forget + i),
                hn::LoadU(kTag, gates.candidate + i), hn::LoadU(kTag, gates.output + i), hn::LoadU(kTag, cell + i));
    hn::StoreU(state.cell, kTag, cell + i);
    hn::StoreU(state.hidden_state, kTag, hidden_state + i);
  }
  if (i == count) return;
  const std::size_t left = count - i;
  const CellState state = advance(load_part(gates.input + i, left, 0.0F), load_part(gates.forget + i, left, 0.0F),
                                  load_part(gates.candidate + i, left, 0.0F), load_part(gates.output + i, left, 0.0F),
                                  load_part(cell + i, left, 0.0F));
  store_part(state.cell, cell + i, left);
  store_part(state.hidden_state, hidden_state + i, left);
}

HWY_INLINE Vec advance_gru(Vec reset, Vec update, Vec candidate, Vec recurrent, Vec state) {
  const Vec next = tanh_of(hn::MulAdd(sigmoid_of(reset), recurrent, candidate));
  return hn::MulAdd(sigmoid_of(update), hn::Sub(state, next), next);
}

void update_gru_state(const GruGates& gates, float* state, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; i += kLanes) {
    const std::size_t left = count - i;
    const auto load_gate = [&](const float* gate) { return load_up_to(gate + i, left); };
    store_up_to(advance_gru(load_gate(gates.reset), load_gate(gates.update), load_gate(gates.candidate),
                            load_gate(gates.recurrent), load_gate(state)),
                state + i, left);
  }
}

constexpr CellTable kCellTable = {update_cell, update_gru_state};
template <typename Number>
constexpr RecurrentTable<Number> kRecurrentTable = {lstm_rows<Number>, lstm_rows_back<Number>, gru_rows<Number>,
                                                    gru_rows_back<Number>};

}  // namespace continuo::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace continuo::kernels {

CONTINUO_SIMD_TABLES_OF_NUMBERS(RecurrentTable, simd_recurrent_table, kRecurrentTable)
const CellTable* simd_cell_table(Isa isa) {
  CONTINUO_RETURN_SIMD_TABLE(isa, kCellTable);
  return nullptr;
}

}  // namespace continuo::kernels
#endif
