#include "optimiser/gradient_sum.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/torch.h>

namespace continuo::train {
namespace {

constexpr std::size_t kBucketSize = 1 << 19;  // elements; larger parameters have a bucket of their own

}  // namespace

// Called after the gradient of a parameter has been added to what it had.
class GradientSum::Arrival final : public torch::autograd::FunctionPostHook {
 public:
  Arrival(GradientSum& sum, std::size_t parameter) : sum_(sum), parameter_(parameter) {}
  torch::autograd::variable_list operator()(const torch::autograd::variable_list& outputs,
                                            const torch::autograd::variable_list&) override {
    sum_.arrive(parameter_);
    return outputs;
  }

 private:
  GradientSum& sum_;
  std::size_t parameter_;
};

GradientSum::GradientSum(RankGroup& ranks, const std::vector<neural::Parameter>& parameters)
    : ranks_(ranks), parameters_(parameters), bucket_of_(parameters.size()), has_come_(parameters.size()) {
  for (std::size_t i = parameters.size(); i-- > 0;) {
    const auto size = std::size_t(parameters[i].value.numel());
    if (buckets_.empty() || buckets_.back().values.size() + size > kBucketSize) buckets_.emplace_back();
    Bucket& bucket = buckets_.back();
    bucket.parameters.push_back(i);
    bucket.values.resize(bucket.values.size() + size);
    bucket_of_[i] = buckets_.size() - 1;
    auto accumulator = torch::autograd::impl::grad_accumulator(parameters[i].value);
    accumulator->add_post_hook(std::make_unique<Arrival>(*this, i));
    accumulators_.push_back(std::make_shared<decltype(accumulator)>(std::move(accumulator)));
  }
  begin();
}

GradientSum::~GradientSum() = default;

void GradientSum::begin() {
  is_last_ = false;
  for (std::size_t i = sent_; i < buckets_.size(); ++i) expect_all(buckets_[i]);
}

void GradientSum::expect_all(Bucket& bucket) {
  bucket.missing = bucket.parameters.size();
  for (const std::size_t parameter : bucket.parameters) has_come_[parameter] = false;
}

void GradientSum::arrive(std::size_t parameter) {
  if (!is_last_ || has_come_[parameter]) return;
  has_come_[parameter] = true;
  buckets_[bucket_of_[parameter]].missing -= 1;
  send_ready();
}

void GradientSum::send_ready() {
  while (sent_ < buckets_.size() && buckets_[sent_].missing == 0) send(buckets_[sent_++]);
}

void GradientSum::send(Bucket& bucket) {
  auto to = bucket.values.begin();
  for (const std::size_t i : bucket.parameters) {
    const torch::Tensor gradient = parameters_[i].value.grad();
    const std::int64_t size = parameters_[i].value.numel();
    if (gradient.defined()) {
      const torch::Tensor values = gradient.contiguous();
      std::copy_n(values.data_ptr<float>(), size, to);
    } else {
      std::fill_n(to, size, 0.0f);
    }
    to += size;
  }
  ranks_.begin_sum(bucket.values);
}

void GradientSum::finish() {
  while (sent_ < buckets_.size()) send(buckets_[sent_++]);
  ranks_.finish_sums();
  for (Bucket& bucket : buckets_) {
    auto from = bucket.values.begin();
    for (const std::size_t i : bucket.parameters) {
      torch::Tensor& gradient = parameters_[i].value.mutable_grad();
      gradient = gradient.defined() ? gradient.contiguous() : torch::empty_like(parameters_[i].value);
      std::copy_n(from, gradient.numel(), gradient.data_ptr<float>());
      from += gradient.numel();
    }
  }
  sent_ = 0;
}

}  // namespace continuo::train
