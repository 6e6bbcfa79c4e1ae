// Training steps of libtorch from C++ on the Transformers of `continuo bench train`, as its users write them: modules,
// attention with the matrix of weights in memory, torch::optim::AdamW. Prints one JSON object.
// Usage: continuo_peer_libtorch gpt|small fp32|bf16 [SECONDS [THREADS]]

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include <torch/torch.h>

namespace {

struct Shape {
  std::int64_t layers, width, heads, time, batch;
  std::int64_t words = 512;
};

struct BlockImpl : torch::nn::Module {
  BlockImpl(const Shape& shape, bool half)
      : heads(shape.heads),
        bf16(half),
        norm1(register_module("norm1", torch::nn::LayerNorm(torch::nn::LayerNormOptions({shape.width})))),
        norm2(register_module("norm2", torch::nn::LayerNorm(torch::nn::LayerNormOptions({shape.width})))),
        qkv(register_module("qkv", torch::nn::Linear(shape.width, 3 * shape.width))),
        proj(register_module("proj", torch::nn::Linear(shape.width, shape.width))),
        fc1(register_module("fc1", torch::nn::Linear(shape.width, 4 * shape.width))),
        fc2(register_module("fc2", torch::nn::Linear(4 * shape.width, shape.width))) {
    future = register_buffer("future", torch::ones({shape.time, shape.time}, torch::kBool).triu(1));
  }

  torch::Tensor product(torch::nn::Linear& layer, const torch::Tensor& x) const {
    if (!bf16) return layer(x);
    const auto type = torch::kBFloat16;
    return torch::linear(x.to(type), layer->weight.to(type), layer->bias.to(type));
  }

  torch::Tensor forward(torch::Tensor x) {
    const auto batch = x.size(0), time = x.size(1), width = x.size(2);
    const auto parts = product(qkv, norm1(x)).view({batch, time, 3, heads, width / heads}).permute({2, 0, 3, 1, 4});
    auto scores = torch::matmul(parts[0], parts[1].transpose(-1, -2)) / std::sqrt(double(width / heads));
    scores = scores.masked_fill(future, -std::numeric_limits<float>::infinity());
    const auto mixed =
        torch::matmul(torch::softmax(scores, -1), parts[2]).transpose(1, 2).reshape({batch, time, width});
    x = x + product(proj, mixed);
    return x + product(fc2, torch::gelu(product(fc1, norm2(x)), "tanh"));
  }

  std::int64_t heads;
  bool bf16;
  torch::nn::LayerNorm norm1, norm2;
  torch::nn::Linear qkv, proj, fc1, fc2;
  torch::Tensor future;
};
TORCH_MODULE(Block);

struct Gpt : torch::nn::Module {
  Gpt(const Shape& shape, bool half)
      : words(register_module("words", torch::nn::Embedding(shape.words, shape.width))),
        norm(register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({shape.width})))),
        head(register_module("head", torch::nn::Linear(shape.width, shape.words))) {
    positions = register_parameter("positions", torch::randn({shape.time, shape.width}) * 0.02);
    for (std::int64_t i = 0; i < shape.layers; ++i) {
      blocks.push_back(register_module("block" + std::to_string(i), Block(shape, half)));
    }
  }
  torch::Tensor forward(const torch::Tensor& tokens) {
    torch::Tensor x = words(tokens) + positions;
    for (auto& block : blocks) x = block(x);
    return head(norm(x));
  }

  torch::nn::Embedding words;
  torch::nn::LayerNorm norm;
  torch::nn::Linear head;
  torch::Tensor positions;
  std::vector<Block> blocks;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::fputs("usage: continuo_peer_libtorch gpt|small fp32|bf16 [SECONDS [THREADS]]\n", stderr), 2;
  const std::string model = argv[1], precision = argv[2];
  const double limit = argc > 3 ? std::atof(argv[3]) : 10;
  at::set_num_threads(argc > 4 ? std::atoi(argv[4]) : 2);
  torch::manual_seed(0);
  const Shape shape = model == "small" ? Shape{4, 256, 4, 512, 8} : Shape{6, 512, 8, 1024, 4};
  Gpt network(shape, precision == "bf16");
  torch::optim::AdamW optimizer(network.parameters(), torch::optim::AdamWOptions(1e-4).weight_decay(0.01));
  const auto tokens = torch::randint(shape.words, {shape.batch, shape.time + 1}, torch::kInt64);

  const auto step = [&] {
    const auto start = std::chrono::steady_clock::now();
    const auto logits = network.forward(tokens.slice(1, 0, shape.time)).view({-1, shape.words});
    const auto loss = torch::nn::functional::cross_entropy(logits, tokens.slice(1, 1).reshape({-1}));
    for (auto& parameter : network.parameters()) parameter.mutable_grad() = torch::Tensor();
    loss.backward();
    torch::nn::utils::clip_grad_norm_(network.parameters(), 1.0);
    optimizer.step();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  step();
  std::vector<double> seconds;
  for (double spent = 0; seconds.size() < 3 || spent < limit; spent += seconds.back()) seconds.push_back(step());
  std::nth_element(seconds.begin(), seconds.begin() + std::ptrdiff_t(seconds.size() / 2), seconds.end());
  const double rate = double(shape.batch * shape.time) / seconds[seconds.size() / 2];
  std::printf("{\"peer\": \"libtorch %s %s eager\", \"model\": \"%s\", \"tokens_per_s\": %.1f}\n", TORCH_VERSION,
              precision.c_str(), model.c_str(), rate);
}
