#include <atomic>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "synthetic_model.h"

// Counts what this program asks of the heap while it is told to.
namespace {
std::atomic<bool> counting{false};
std::atomic<int> allocations{0};

void* counted_or_null(std::size_t bytes, std::size_t alignment) {
  if (counting) ++allocations;
  return alignment == 0 ? std::malloc(bytes)
                        : std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

void* counted(std::size_t bytes, std::size_t alignment) {
  void* memory = counted_or_null(bytes, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
}  // namespace

void* operator new(std::size_t bytes) { return counted(bytes, 0); }
void* operator new[](std::size_t bytes) { return counted(bytes, 0); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return counted_or_null(bytes, 0); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace continuo::engine {
namespace {

std::vector<checkpoint::ModelConfig> models_with_steps() {
  std::vector<checkpoint::ModelConfig> configs;
  for (const auto name :
       {"lstm", "gru", "attention_rnn", "gpt", "gpt2", "music_transformer", "llama", "transformer_xl"}) {
    for (const auto& config : {odd_config(name), wide_config(name)}) configs.push_back(config);
  }
  configs.push_back(wide_config("llama"));
  configs.back().qk_norm = true;
  return configs;
}

TEST(SessionStep, DoesNotAllocate) {
  for (const auto& config : models_with_steps()) {
    for (const auto& [threads, precision] : {std::pair{1, Precision::kInt8}, std::pair{2, Precision::kFp32},
                                             std::pair{2, Precision::kBf16}, std::pair{2, Precision::kInt8}}) {
      ThreadPool pool(threads);
      const auto model = SyntheticModel(config).load({.weights = precision}).value();
      const auto session = Session::start(model, pool);
      session->prefill(random_tokens(10, config.vocab_size));
      allocations = 0;
      counting = true;
      const int steps = config.memory_length > 0 ? 400 : 20;  // over the end of the cache
      for (int i = 0; i < steps; ++i) session->step(i % config.vocab_size);
      session->reset();
      session->step(0);
      counting = false;
      EXPECT_EQ(allocations, 0) << config.preset << " on " << threads;
    }
  }
}

TEST(EnsembleStep, DoesNotAllocate) {
  for (const auto name : {"lstm", "gru", "attention_rnn", "gpt2", "llama", "transformer_xl"}) {
    for (const auto precision : {Precision::kFp32, Precision::kBf16, Precision::kInt8}) {
      ThreadPool pool(2);
      const auto config = wide_config(name);
      const auto model = SyntheticModel(config).load({.weights = precision}).value();
      const auto ensemble = Ensemble::of(model, 3, pool);
      const auto a = Session::start(model, pool), b = Session::start(model, pool), c = Session::start(model, pool);
      const std::vector<Session*> all = {a.get(), b.get(), c.get()};
      const std::vector<TokenId> tokens = {1, 2, 3};
      allocations = 0;
      counting = true;
      for (int i = 0; i < 5; ++i) ensemble->step(all, tokens);
      counting = false;
      EXPECT_EQ(allocations, 0) << name << " in " << to_string(precision);
    }
  }
}

TEST(SessionStep, TheCounterCounts) {
  counting = true;
  allocations = 0;
  auto* numbers = new std::vector<int>(100);
  counting = false;
  delete numbers;
  EXPECT_GE(allocations, 1);
}

}  // namespace
}  // namespace continuo::engine
