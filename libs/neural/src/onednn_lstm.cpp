#include "onednn_lstm.h"

#include <algorithm>
#include <dnnl.hpp>
#include <map>

namespace continuo::neural {

#if DNNL_VERSION_MAJOR == 2

namespace {

using dnnl::memory;
using Type = memory::data_type;
using Tag = memory::format_tag;

memory attach(const memory::desc& description, const dnnl::engine& engine, const void* data) {
  return memory(description, engine, const_cast<void*>(data));
}

// Memory descriptions of one shape; `any` lets oneDNN choose the packing of the weights.
struct Descriptions {
  explicit Descriptions(const LstmShape& s)
      : type(s.bf16 ? Type::bf16 : Type::f32),
        x({s.time, s.batch, s.input}, type, Tag::tnc),
        output({s.time, s.batch, s.hidden}, type, Tag::tnc),
        bias({1, 1, 4, s.hidden}, Type::f32, Tag::ldgo),
        input_any({1, 1, s.input, 4, s.hidden}, type, Tag::any),
        recurrent_any({1, 1, s.hidden, 4, s.hidden}, type, Tag::any),
        input_plain({1, 1, s.input, 4, s.hidden}, type, Tag::ldgoi),
        recurrent_plain({1, 1, s.hidden, 4, s.hidden}, type, Tag::ldgoi),
        state({1, 1, s.batch, s.hidden}, type, Tag::ldnc),
        cell({1, 1, s.batch, s.hidden}, Type::f32, Tag::ldnc),
        d_x({s.time, s.batch, s.input}, Type::f32, Tag::tnc),
        d_output({s.time, s.batch, s.hidden}, Type::f32, Tag::tnc),
        d_input_any({1, 1, s.input, 4, s.hidden}, Type::f32, Tag::any),
        d_recurrent_any({1, 1, s.hidden, 4, s.hidden}, Type::f32, Tag::any),
        d_input_plain({1, 1, s.input, 4, s.hidden}, Type::f32, Tag::ldgoi),
        d_recurrent_plain({1, 1, s.hidden, 4, s.hidden}, Type::f32, Tag::ldgoi) {}
  Type type;
  memory::desc x, output, bias, input_any, recurrent_any, input_plain, recurrent_plain, state, cell;
  memory::desc d_x, d_output, d_input_any, d_recurrent_any, d_input_plain, d_recurrent_plain;
};

constexpr auto kDirection = dnnl::rnn_direction::unidirectional_left2right;

dnnl::lstm_forward::primitive_desc forward_description(const Descriptions& d, const dnnl::engine& engine) {
  const memory::desc none;
  return {{dnnl::prop_kind::forward_training, kDirection, d.x, d.state, d.cell, d.input_any, d.recurrent_any, d.bias,
           d.output, none, none},
          engine};
}

dnnl::lstm_backward::primitive_desc backward_description(const Descriptions& d, const dnnl::engine& engine,
                                                         const dnnl::lstm_forward::primitive_desc& forward) {
  const memory::desc none;
  return {{dnnl::prop_kind::backward,
           kDirection,
           d.x,
           d.state,
           d.cell,
           d.input_any,
           d.recurrent_any,
           d.bias,
           d.output,
           none,
           none,
           d.d_x,
           d.cell,
           d.cell,
           d.d_input_any,
           d.d_recurrent_any,
           d.bias,
           d.d_output,
           none,
           none},
          engine,
          forward};
}

class Implementation final : public OnednnLstm {
 public:
  explicit Implementation(const LstmShape& shape)
      : engine_(dnnl::engine::kind::cpu, 0),
        stream_(engine_),
        d_(shape),
        forward_description_(forward_description(d_, engine_)),
        backward_description_(backward_description(d_, engine_, forward_description_)),
        forward_(forward_description_),
        backward_(backward_description_),
        state_(zeroed(d_.state)),
        cell_(zeroed(d_.cell)),
        d_state_(zeroed(d_.cell)),
        d_cell_(zeroed(d_.cell)) {}

  std::size_t workspace_bytes() const override { return forward_description_.workspace_desc().get_size(); }

  void forward(const LstmWeights& weights, const void* x, void* output, void* workspace) override {
    memory input = packed(d_.input_plain, weights.input, forward_description_.weights_layer_desc());
    memory recurrent = packed(d_.recurrent_plain, weights.recurrent, forward_description_.weights_iter_desc());
    forward_.execute(stream_,
                     {{DNNL_ARG_SRC_LAYER, attach(d_.x, engine_, x)},
                      {DNNL_ARG_SRC_ITER, state_},
                      {DNNL_ARG_SRC_ITER_C, cell_},
                      {DNNL_ARG_WEIGHTS_LAYER, input},
                      {DNNL_ARG_WEIGHTS_ITER, recurrent},
                      {DNNL_ARG_BIAS, attach(d_.bias, engine_, weights.bias)},
                      {DNNL_ARG_DST_LAYER, attach(d_.output, engine_, output)},
                      {DNNL_ARG_WORKSPACE, attach(forward_description_.workspace_desc(), engine_, workspace)}});
    stream_.wait();
  }

  void backward(const LstmWeights& weights, const void* x, const void* output, const void* workspace,
                const LstmGradients& gradients) override {
    memory input = packed(d_.input_plain, weights.input, backward_description_.weights_layer_desc());
    memory recurrent = packed(d_.recurrent_plain, weights.recurrent, backward_description_.weights_iter_desc());
    // The primitive adds to the weights' gradients.
    memory d_input = zeroed(backward_description_.diff_weights_layer_desc());
    memory d_recurrent = zeroed(backward_description_.diff_weights_iter_desc());
    backward_.execute(stream_, {{DNNL_ARG_SRC_LAYER, attach(d_.x, engine_, x)},
                                {DNNL_ARG_SRC_ITER, state_},
                                {DNNL_ARG_SRC_ITER_C, cell_},
                                {DNNL_ARG_DIFF_SRC_ITER, d_state_},
                                {DNNL_ARG_DIFF_SRC_ITER_C, d_cell_},
                                {DNNL_ARG_WEIGHTS_LAYER, input},
                                {DNNL_ARG_WEIGHTS_ITER, recurrent},
                                {DNNL_ARG_BIAS, attach(d_.bias, engine_, weights.bias)},
                                {DNNL_ARG_DST_LAYER, attach(d_.output, engine_, output)},
                                {DNNL_ARG_WORKSPACE, attach(forward_description_.workspace_desc(), engine_, workspace)},
                                {DNNL_ARG_DIFF_SRC_LAYER, attach(d_.d_x, engine_, gradients.x)},
                                {DNNL_ARG_DIFF_WEIGHTS_LAYER, d_input},
                                {DNNL_ARG_DIFF_WEIGHTS_ITER, d_recurrent},
                                {DNNL_ARG_DIFF_BIAS, attach(d_.bias, engine_, gradients.bias)},
                                {DNNL_ARG_DIFF_DST_LAYER, attach(d_.d_output, engine_, gradients.output)}});
    reorder(d_input, attach(d_.d_input_plain, engine_, gradients.input));
    reorder(d_recurrent, attach(d_.d_recurrent_plain, engine_, gradients.recurrent));
    stream_.wait();
  }

 private:
  void reorder(memory from, memory to) { dnnl::reorder(from, to).execute(stream_, from, to); }

  memory packed(const memory::desc& plain, const void* data, const memory::desc& wanted) {
    memory source = attach(plain, engine_, data);
    if (plain == wanted) return source;
    memory result(wanted, engine_);
    reorder(source, result);
    return result;
  }

  memory zeroed(const memory::desc& description) {
    memory result(description, engine_);
    auto* bytes = static_cast<char*>(result.get_data_handle());
    std::fill(bytes, bytes + description.get_size(), char{0});
    return result;
  }

  dnnl::engine engine_;
  dnnl::stream stream_;
  Descriptions d_;
  dnnl::lstm_forward::primitive_desc forward_description_;
  dnnl::lstm_backward::primitive_desc backward_description_;
  dnnl::lstm_forward forward_;
  dnnl::lstm_backward backward_;
  // The zero state before the first token is given in full: without it the fp32 backward primitive of oneDNN 2.6 reads
  // something else in its place and returns a wrong gradient of the recurrent weights.
  memory state_, cell_, d_state_, d_cell_;
};

}  // namespace

OnednnLstm* OnednnLstm::find(const LstmShape& shape) {
  thread_local std::map<LstmShape, std::unique_ptr<OnednnLstm>> known;
  const auto found = known.find(shape);
  if (found != known.end()) return found->second.get();
  std::unique_ptr<OnednnLstm> made;
  try {
    made = std::make_unique<Implementation>(shape);
  } catch (const dnnl::error&) {
    // The CPU or the shape is not one of oneDNN's: null tells the caller to do without.
  }
  return (known[shape] = std::move(made)).get();
}

#else

OnednnLstm* OnednnLstm::find(const LstmShape&) { return nullptr; }

#endif

}  // namespace continuo::neural
