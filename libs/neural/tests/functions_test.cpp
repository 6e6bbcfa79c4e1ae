#include <functional>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "continuo/neural/parallel.h"

#include "fused/attention.h"
#include "fused/embedding.h"
#include "fused/linear.h"
#include "fused/recurrent.h"
#include "parts/attention.h"
#include "runtime/caching_allocator.h"
#include "shared/dropout.h"

namespace continuo::neural {
namespace {

using torch::Tensor;

struct AttentionCase {
  std::int64_t batch, time, heads, d_head;
  bool causal, padded;
  torch::ScalarType type;
  std::int64_t kv_heads = 0;  // 0: heads
};

class AttentionAgainstDefinition : public testing::TestWithParam<AttentionCase> {};
INSTANTIATE_TEST_SUITE_P(Shapes, AttentionAgainstDefinition,
                         testing::Values(AttentionCase{2, 37, 2, 16, true, false, torch::kFloat32},
                                         AttentionCase{2, 300, 2, 64, true, false, torch::kFloat32},
                                         AttentionCase{1, 256, 4, 32, false, false, torch::kFloat32},
                                         AttentionCase{3, 200, 2, 32, false, true, torch::kFloat32},
                                         AttentionCase{2, 96, 2, 64, true, true, torch::kFloat32},
                                         AttentionCase{2, 300, 4, 64, true, false, torch::kBFloat16},
                                         AttentionCase{1, 1, 2, 64, true, false, torch::kBFloat16},
                                         AttentionCase{2, 130, 2, 32, true, true, torch::kBFloat16},
                                         AttentionCase{2, 48, 2, 24, false, true, torch::kBFloat16},
                                         AttentionCase{2, 130, 2, 64, false, true, torch::kBFloat16},
                                         AttentionCase{2, 130, 4, 32, true, false, torch::kFloat32, 2},
                                         AttentionCase{2, 70, 6, 16, false, true, torch::kFloat32, 1},
                                         AttentionCase{2, 130, 4, 32, true, false, torch::kBFloat16, 2}));

double relative_error(const Tensor& actual, const Tensor& expected) {
  const Tensor difference = actual.to(torch::kFloat64) - expected.to(torch::kFloat64);
  return (difference.norm() / expected.to(torch::kFloat64).norm()).item<double>();
}

TEST_P(AttentionAgainstDefinition, ValuesAndGradients) {
  const AttentionCase c = GetParam();
  torch::manual_seed(1);
  const Tensor exact =
      torch::randn({c.batch, c.time, (c.heads + 2 * (c.kv_heads == 0 ? c.heads : c.kv_heads)) * c.d_head})
          .to(c.type)
          .to(torch::kFloat32);
  AttentionOptions options{.heads = int(c.heads), .causal = c.causal, .n_kv_heads = int(c.kv_heads)};
  if (c.padded) {
    const Tensor ends = torch::arange(c.time - c.batch + 1, c.time + 1).unsqueeze(1) - 2;
    options.padding = torch::arange(c.time).unsqueeze(0) >= ends;
  }
  const Tensor a = exact.to(c.type).detach().requires_grad_(true);
  const Tensor b = exact.clone().requires_grad_(true);
  const Tensor out = fused::attention(a, options), expected = plain_attention(b, options);
  const Tensor direction = torch::randn_like(expected);
  (out.to(torch::kFloat32) * direction).sum().backward();
  (expected * direction).sum().backward();
  const double bound = c.type == torch::kFloat32 ? 1e-5 : 2e-2;
  EXPECT_EQ(out.scalar_type(), c.type);
  EXPECT_LT(relative_error(out.detach(), expected.detach()), bound);
  EXPECT_LT(relative_error(a.grad(), b.grad()), bound);
}

struct NormCase {
  AttentionCase shape;
  bool rotary = false, relative = false;
};

class NormedAttentionAgainstDefinition : public testing::TestWithParam<NormCase> {};
INSTANTIATE_TEST_SUITE_P(Shapes, NormedAttentionAgainstDefinition,
                         testing::Values(NormCase{{2, 37, 2, 16, true, false, torch::kFloat32}},
                                         NormCase{{2, 130, 4, 32, true, false, torch::kFloat32, 2}, true},
                                         NormCase{{3, 70, 6, 18, false, true, torch::kFloat32, 1}, true},
                                         NormCase{{2, 90, 3, 16, true, false, torch::kFloat32}, false, true},
                                         NormCase{{2, 64, 2, 24, false, true, torch::kFloat32}, false, true},
                                         NormCase{{1, 2, 2, 64, true, false, torch::kFloat32}, true},
                                         NormCase{{2, 200, 4, 64, true, false, torch::kBFloat16}},
                                         NormCase{{2, 130, 4, 32, true, false, torch::kBFloat16, 2}, true},
                                         NormCase{{2, 90, 2, 24, false, true, torch::kBFloat16}, false, true}));

// What goes in: rows of qkv that are `type` numbers, scales and keys of distances, in double precision.
std::vector<Tensor> normed_inputs(const NormCase& test) {
  const AttentionCase& c = test.shape;
  const std::int64_t kv_heads = c.kv_heads == 0 ? c.heads : c.kv_heads, distances = c.causal ? 40 : 70;
  const auto numbers = [](at::IntArrayRef sizes, torch::ScalarType type) {
    return torch::randn(sizes).to(type).to(torch::kFloat64);
  };
  std::vector<Tensor> inputs = {numbers({c.batch, c.time, (c.heads + 2 * kv_heads) * c.d_head}, c.type) * 3,
                                numbers({c.d_head}, torch::kFloat32) + 1, numbers({c.d_head}, torch::kFloat32) + 1,
                                numbers({distances, c.heads * c.d_head}, c.type)};
  if (!test.relative) inputs.pop_back();
  return inputs;
}

AttentionOptions normed_options(const NormCase& test, const std::vector<Tensor>& inputs) {
  const AttentionCase& c = test.shape;
  AttentionOptions options{.heads = int(c.heads), .causal = c.causal, .n_kv_heads = int(c.kv_heads)};
  options.rotary = test.rotary;
  options.norm = {inputs[1], inputs[2], 1e-3};
  if (test.relative) options.distances = {inputs[3], {}, c.causal ? 0 : 30};
  if (c.padded)
    options.padding = (torch::arange(c.time) >= c.time - 3).unsqueeze(0).expand({c.batch, c.time}).contiguous();
  return options;
}

// Against libtorch's functions in double precision.
TEST_P(NormedAttentionAgainstDefinition, ValuesAndGradients) {
  const NormCase& test = GetParam();
  torch::manual_seed(4);
  std::vector<Tensor> exact = normed_inputs(test), own;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    own.push_back(exact[i].to(i == 0 ? test.shape.type : torch::kFloat32).detach().requires_grad_(true));
    exact[i] = own[i].detach().to(torch::kFloat64).requires_grad_(true);
  }
  const Tensor expected = plain_attention(exact[0], normed_options(test, exact));
  const Tensor direction = torch::randn_like(expected);
  (expected * direction).sum().backward();
  const Tensor out = fused::attention(own[0], normed_options(test, own));
  (out.to(torch::kFloat64) * direction).sum().backward();
  const double bound = test.shape.type == torch::kFloat32 ? 1e-5 : 3e-2;
  EXPECT_LT(relative_error(out.detach(), expected.detach()), bound);
  for (std::size_t i = 0; i < own.size(); ++i) {
    EXPECT_LT(relative_error(own[i].grad(), exact[i].grad()), bound) << "input " << i;
  }
}

// The plain path's gradients are those of differences, all in double precision.
TEST_P(NormedAttentionAgainstDefinition, PlainGradientsAgreeWithFiniteDifferences) {
  const NormCase& test = GetParam();
  torch::manual_seed(5);
  const std::vector<Tensor> inputs = normed_inputs(test);
  for (const Tensor& input : inputs) input.requires_grad_(true);
  const auto value = [&] { return plain_attention(inputs[0], normed_options(test, inputs)).square().sum(); };
  value().backward();
  double slope = 0;
  std::vector<Tensor> directions;
  for (const Tensor& input : inputs) {
    directions.push_back(torch::randn_like(input.detach()));
    slope += (directions.back() * input.grad()).sum().item<double>();
  }
  const auto moved = [&](double step) {
    const torch::NoGradGuard no_grad;
    for (std::size_t i = 0; i < inputs.size(); ++i) inputs[i].add_(directions[i], step);
    const double result = value().item<double>();
    for (std::size_t i = 0; i < inputs.size(); ++i) inputs[i].sub_(directions[i], step);
    return result;
  };
  constexpr double kStep = 1e-6;
  const double measured = (moved(kStep) - moved(-kStep)) / (2 * kStep);
  EXPECT_NEAR(measured, slope, 1e-4 * std::abs(slope) + 1e-4);
}

TEST(NormedAttention, LeavesItsInputAsItWas) {
  torch::manual_seed(6);
  const Tensor qkv = torch::randn({2, 30, 3 * 32}), before = qkv.clone();
  AttentionOptions options{.heads = 2, .rotary = true};
  options.norm = {torch::ones({16}), torch::ones({16}), 1e-5};
  fused::attention(qkv, options);
  EXPECT_TRUE(torch::equal(qkv, before));
}

// Learned distances meet the queries of the content, those of Transformer-XL their own.
TEST(AttentionByDistance, ValuesAndGradientsEqualTheDefinition) {
  torch::manual_seed(2);
  for (const bool own_queries : {false, true}) {
    for (const bool causal : {false, true}) {
      const Tensor qkv = torch::randn({2, 90, 3 * 48}).requires_grad_(true);
      const Tensor keys = torch::randn({causal ? 40 : 70, 48}).requires_grad_(true);
      const Tensor queries = own_queries ? torch::randn({2, 90, 48}).requires_grad_(true) : Tensor();
      const AttentionOptions options{.heads = 3, .causal = causal, .distances = {keys, queries, causal ? 0 : 30}};
      const Tensor expected = plain_attention(qkv, options);
      const Tensor direction = torch::randn_like(expected);
      (expected * direction).sum().backward();
      std::vector<Tensor> wanted;
      for (const Tensor& input : {qkv, keys, queries}) {
        wanted.push_back(input.defined() ? input.grad().clone() : Tensor());
        if (input.defined()) input.mutable_grad() = Tensor();
      }
      const Tensor out = fused::attention(qkv, options);
      (out * direction).sum().backward();
      EXPECT_LT(relative_error(out.detach(), expected.detach()), 1e-5);
      EXPECT_LT(relative_error(qkv.grad(), wanted[0]), 1e-5);
      EXPECT_LT(relative_error(keys.grad(), wanted[1]), 1e-5);
      if (!own_queries) continue;
      EXPECT_LT(relative_error(queries.grad(), wanted[2]), 1e-5);
    }
  }
}

TEST(Dropout, KeepsTheMeanAndTheShare) {
  const Tensor x = torch::ones({1000, 100});
  const Tensor out = dropped(x, {0.3, 5});
  EXPECT_NEAR(out.mean().item<double>(), 1, 0.01);
  EXPECT_NEAR((out == 0).to(torch::kFloat32).mean().item<double>(), 0.3, 0.01);
}

TEST(Dropout, GradientDropsTheSameUnits) {
  for (const auto type : {torch::kFloat32, torch::kBFloat16}) {
    const Tensor x = torch::zeros({64, 33}).requires_grad_(true);
    const Tensor y = torch::ones({64, 33}).to(type).requires_grad_(true);
    const Tensor out = add_dropped(x, y, {0.5, 9});
    out.sum().backward();
    EXPECT_TRUE(torch::equal(x.grad(), torch::ones({64, 33})));
    EXPECT_TRUE(torch::equal(y.grad().to(torch::kFloat32), out.detach()));
    const Tensor z = torch::ones({64, 33}).to(type).requires_grad_(true);
    const Tensor alone = dropped(z, {0.5, 9});
    EXPECT_TRUE(torch::equal(alone.detach().to(torch::kFloat32), out.detach()));
    alone.sum().backward();
    EXPECT_TRUE(torch::equal(z.grad(), alone.detach()));
  }
}

// Rows of a batch drop what the whole batch does, in either order in memory, forward and backward.
TEST(Dropout, UnitsAreNumberedByRowsOfTheBatch) {
  for (const auto type : {torch::kFloat32, torch::kBFloat16}) {
    const Tensor whole = torch::randn({5, 6, 33}).to(type);
    const Tensor expected = dropped(whole, {0.4, 9});
    for (const bool transposed : {false, true}) {
      Tensor rows = whole.slice(0, 2, 4);
      rows = transposed ? rows.transpose(0, 1).contiguous() : rows.contiguous();
      rows.requires_grad_(true);
      const Tensor out = dropped(transposed ? rows.transpose(0, 1) : rows, {0.4, 9, 2});
      EXPECT_TRUE(torch::equal(out, expected.slice(0, 2, 4)));
      out.sum().backward();
      const Tensor gradient = transposed ? rows.grad().transpose(0, 1) : rows.grad();
      EXPECT_TRUE(torch::equal(gradient == 0, out == 0));
    }
  }
}

TEST(Dropout, NothingIsDroppedAtZero) {
  const Tensor x = torch::randn({5, 7}), y = torch::randn({5, 7});
  EXPECT_TRUE(torch::equal(dropped(x, {}), x));
  EXPECT_TRUE(torch::equal(add_dropped(x, y, {}), x + y));
}

TEST(Dropout, DoesNotDependOnThreads) {
  const Tensor x = torch::randn({300, 1000});
  use_threads(1);
  const Tensor one = dropped(x, {0.2, 3});
  use_threads(2);
  EXPECT_TRUE(torch::equal(one, dropped(x, {0.2, 3})));
  use_threads(1);
}

TEST(CachingAllocator, FreedBlocksServeTheNextTensorsOfTheirSize) {
  use_caching_allocator();
  const Tensor kept = torch::full({100, 1000}, 3.0);
  const void* block = nullptr;
  {
    const Tensor gone = torch::empty({300, 1000});
    block = gone.data_ptr();
  }
  const Tensor again = torch::empty({1000, 299});
  EXPECT_EQ(again.data_ptr(), block);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 64, 0U);
  EXPECT_EQ(kept.sum().item<double>(), 3.0 * 100 * 1000);
}

TEST(CachingAllocator, SizesThatDoNotComeBackAreReleased) {
  use_caching_allocator();
  for (std::int64_t i = 1; i <= 60; ++i) {
    const Tensor passing = torch::empty({i, 1 << 20});
    EXPECT_NE(passing.data_ptr(), nullptr);
  }
  const CacheState state = cache_state();
  EXPECT_LE(state.waiting, std::max<std::uint64_t>(std::uint64_t{256} << 20, state.most_used));
}

struct RecurrentCase {
  std::int64_t time, batch, input, hidden;
};

class RecurrentAgainstLibtorch : public testing::TestWithParam<RecurrentCase> {};
INSTANTIATE_TEST_SUITE_P(Shapes, RecurrentAgainstLibtorch,
                         testing::Values(RecurrentCase{11, 3, 20, 32}, RecurrentCase{1, 1, 16, 16},
                                         RecurrentCase{2, 1, 32, 34}, RecurrentCase{16, 16, 64, 64},
                                         RecurrentCase{9, 32, 128, 128}));

Tensor weights(at::IntArrayRef sizes, double spread) {
  return (torch::randn(sizes) * spread).to(torch::kBFloat16).to(torch::kFloat32).requires_grad_(true);
}

// Values and gradients of `layer` on fp32 and on bf16 against those of libtorch's own recurrence.
void expect_layer(const std::vector<Tensor>& parameters, const Tensor& expected, const Tensor& x,
                  const std::function<Tensor(const Tensor&)>& layer) {
  const Tensor direction = torch::randn_like(expected).to(torch::kBFloat16).to(torch::kFloat32);
  (expected * direction).sum().backward();
  std::vector<Tensor> inputs = {x};
  inputs.insert(inputs.end(), parameters.begin(), parameters.end());
  std::vector<Tensor> wanted;
  for (const Tensor& input : inputs) wanted.push_back(input.grad().clone());
  for (const bool bf16 : {false, true}) {
    for (const Tensor& input : inputs) input.mutable_grad() = Tensor();
    const Tensor out = layer(bf16 ? x.to(torch::kBFloat16) : x);
    EXPECT_EQ(out.scalar_type(), bf16 ? torch::kBFloat16 : torch::kFloat32);
    (out.to(torch::kFloat32) * direction).sum().backward();
    const double bound = bf16 ? 3e-2 : 1e-5;
    EXPECT_LT(relative_error(out.detach(), expected.detach()), bound) << bf16;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (wanted[i].abs().max().item<double>() == 0) {
        EXPECT_EQ(inputs[i].grad().abs().max().item<double>(), 0) << i;
      } else {
        EXPECT_LT(relative_error(inputs[i].grad(), wanted[i]), bound) << bf16 << " " << i;
      }
    }
  }
}

TEST_P(RecurrentAgainstLibtorch, Lstm_ValuesAndGradients) {
  const RecurrentCase c = GetParam();
  torch::manual_seed(1);
  const Tensor x = weights({c.time, c.batch, c.input}, 1);
  const fused::RecurrentLayer layer{weights({4 * c.hidden, c.input}, 0.1), weights({4 * c.hidden, c.hidden}, 0.1),
                                    weights({4 * c.hidden}, 1)};
  const Tensor state = torch::zeros({1, c.batch, c.hidden}), none = torch::zeros({4 * c.hidden});
  const Tensor expected = std::get<0>(
      at::lstm(x, {state, state}, {layer.input, layer.recurrent, layer.bias, none}, true, 1, 0.0, true, false, false));
  expect_layer({layer.input, layer.recurrent, layer.bias}, expected, x,
               [&](const Tensor& input) { return fused::lstm(input, layer); });
}

TEST_P(RecurrentAgainstLibtorch, Gru_ValuesAndGradients) {
  const RecurrentCase c = GetParam();
  torch::manual_seed(1);
  const Tensor x = weights({c.time, c.batch, c.input}, 1);
  const fused::RecurrentLayer layer{weights({3 * c.hidden, c.input}, 0.1), weights({3 * c.hidden, c.hidden}, 0.1),
                                    weights({3 * c.hidden}, 1), weights({c.hidden}, 1)};
  const Tensor recurrent_bias = at::cat({torch::zeros({2 * c.hidden}), layer.recurrent_bias}, 0);
  const Tensor expected = std::get<0>(at::gru(x, torch::zeros({1, c.batch, c.hidden}),
                                              {layer.input, layer.recurrent, layer.bias, recurrent_bias}, true, 1, 0.0,
                                              true, false, false));
  expect_layer({layer.input, layer.recurrent, layer.bias, layer.recurrent_bias}, expected, x,
               [&](const Tensor& input) { return fused::gru(input, layer); });
}

struct GateCase {
  kernels::Activation activation;
  Tensor (*function)(const Tensor&);
};

TEST(GatedFeedForward, ValuesAndGradientsEqualLibtorch) {
  torch::manual_seed(1);
  const GateCase cases[] = {
      {kernels::Activation::kSilu, [](const Tensor& x) { return at::silu(x); }},
      {kernels::Activation::kGelu, [](const Tensor& x) { return at::gelu(x); }},
  };
  for (const auto& [activation, function] : cases) {
    const Tensor residual = weights({40, 24}, 1), x = weights({40, 24}, 1);
    fused::FeedForward layer{{weights({2 * 50, 24}, 0.2), weights({2 * 50}, 1)},
                             {weights({24, 50}, 0.2), weights({24}, 1)}};
    layer.activation = activation;
    layer.gated = true;
    const std::vector<Tensor> sides = at::linear(x, layer.fc1.weight, layer.fc1.bias).split(50, 1);
    const Tensor expected = residual + at::linear(function(sides[0]) * sides[1], layer.fc2.weight, layer.fc2.bias);
    const Tensor direction = torch::randn_like(expected);
    (expected * direction).sum().backward();
    const std::vector<Tensor> inputs = {residual,      x, layer.fc1.weight, layer.fc1.bias, layer.fc2.weight,
                                        layer.fc2.bias};
    std::vector<Tensor> wanted;
    for (const Tensor& input : inputs) {
      wanted.push_back(input.grad().clone());
      input.mutable_grad() = Tensor();
    }
    const Tensor out = fused::feed_forward_onto(residual, x, layer);
    (out * direction).sum().backward();
    EXPECT_LT(relative_error(out.detach(), expected.detach()), 1e-5);
    for (std::size_t i = 0; i < inputs.size(); ++i) EXPECT_LT(relative_error(inputs[i].grad(), wanted[i]), 1e-5) << i;
  }
}

TEST(Embedding, ValuesAndGradientsEqualLibtorch) {
  torch::manual_seed(1);
  const Tensor ids = torch::randint(50, {3, 40}, torch::kInt64);
  const Tensor words = weights({50, 21}, 1), positions = weights({40, 21}, 1);
  const Tensor expected = at::embedding(words, ids) + positions, direction = torch::randn_like(expected);
  (expected * direction).sum().backward();
  const Tensor d_words = words.grad().clone(), d_positions = positions.grad().clone();
  for (const Tensor& input : {words, positions}) input.mutable_grad() = Tensor();
  const Tensor out = fused::embed(ids, words, positions);
  EXPECT_TRUE(torch::equal(out, expected));
  (out * direction).sum().backward();
  EXPECT_LT(relative_error(words.grad(), d_words), 1e-6);
  EXPECT_LT(relative_error(positions.grad(), d_positions), 1e-6);
  EXPECT_TRUE(torch::equal(fused::embed(ids, words, {}), at::embedding(words, ids)));
}

}  // namespace
}  // namespace continuo::neural
