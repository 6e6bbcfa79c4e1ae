#include "far_device.h"

#include <cstring>
#include <map>
#include <mutex>
#include <vector>

#include <ATen/EmptyTensor.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <sys/mman.h>
#include <torch/library.h>
#include <torch/torch.h>

namespace continuo::neural {
namespace {

using torch::Tensor;

// The far addresses, and where their numbers really are.
class FarMemory {
 public:
  void* take(std::size_t bytes) {
    void* address = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TORCH_CHECK(address != MAP_FAILED);
    const std::lock_guard lock(mutex_);
    blocks_[static_cast<std::byte*>(address)].resize(bytes);
    return address;
  }
  void give_back(void* address) {
    const std::lock_guard lock(mutex_);
    const auto found = blocks_.find(static_cast<std::byte*>(address));
    munmap(address, found->second.size());
    blocks_.erase(found);
  }
  std::byte* numbers_at(const void* address) {
    const std::lock_guard lock(mutex_);
    const auto at = static_cast<std::byte*>(const_cast<void*>(address));
    const auto block = std::prev(blocks_.upper_bound(at));
    return block->second.data() + (at - block->first);
  }

 private:
  std::mutex mutex_;
  std::map<std::byte*, std::vector<std::byte>> blocks_;
};

FarMemory& memory() {
  static auto* all = new FarMemory;  // tensors may outlive everything else
  return *all;
}

class FarAllocator final : public c10::Allocator {
 public:
#if TORCH_VERSION_MAJOR >= 2
  c10::DataPtr allocate(std::size_t bytes) override { return take(bytes); }
  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    std::memcpy(memory().numbers_at(to), memory().numbers_at(from), bytes);
  }
#else
  c10::DataPtr allocate(std::size_t bytes) const override { return take(bytes); }
#endif

 private:
  static c10::DataPtr take(std::size_t bytes) {
    void* data = bytes == 0 ? nullptr : memory().take(bytes);
    const auto give_back = [](void* address) {
      if (address != nullptr) memory().give_back(address);
    };
    return {data, data, give_back, far_device()};
  }
};

c10::Allocator* allocator() {
  static FarAllocator all;
  return &all;
}

constexpr c10::DispatchKeySet kKeys(c10::DispatchKey::PrivateUse1);

template <typename Value>
using Maybe = decltype(std::declval<torch::IValue>().toOptional<Value>());

Tensor empty(at::IntArrayRef size, Maybe<at::ScalarType> type, Maybe<at::Layout>, Maybe<at::Device>, Maybe<bool>,
             Maybe<at::MemoryFormat> format) {
  return at::detail::empty_generic(size, allocator(), kKeys, c10::dtype_or_default(type), format);
}

Tensor empty_strided(at::IntArrayRef size, at::IntArrayRef stride, Maybe<at::ScalarType> type, Maybe<at::Layout>,
                     Maybe<at::Device>, Maybe<bool>) {
  return at::detail::empty_strided_generic(size, stride, allocator(), kKeys, c10::dtype_or_default(type));
}

// A tensor of the CPU over the numbers of one of either device.
Tensor within_reach(const Tensor& tensor) {
  if (tensor.is_cpu()) return tensor;
  std::byte* numbers = tensor.numel() == 0 ? nullptr : memory().numbers_at(tensor.data_ptr());
  return torch::from_blob(numbers, tensor.sizes(), tensor.strides(), torch::dtype(tensor.dtype()));
}

Tensor& copy(Tensor& to, const Tensor& from, bool) {
  Tensor target = within_reach(to);
  target.copy_(within_reach(from));
  return to;
}

Tensor copy_from(const Tensor& from, const Tensor& to, bool) {
  within_reach(to).copy_(within_reach(from));
  return to;
}

Tensor copy_from_and_resize(const Tensor& from, const Tensor& to) {
  if (from.sizes() != to.sizes()) {
    const Tensor room = torch::empty(from.sizes(), to.options());
    to.unsafeGetTensorImpl()->set_storage_keep_dtype(room.storage());
    to.unsafeGetTensorImpl()->set_sizes_contiguous(from.sizes());
  }
  return copy_from(from, to, false);
}

Tensor as_strided(const Tensor& tensor, at::IntArrayRef size, at::IntArrayRef stride, Maybe<std::int64_t> offset) {
  return at::native::as_strided_tensorimpl(tensor, size, stride, offset);
}

Tensor view(const Tensor& tensor, at::IntArrayRef size) { return at::native::view(tensor, size); }

Tensor reshape_alias(const Tensor& tensor, at::IntArrayRef size, at::IntArrayRef stride) {
  return at::native::_reshape_alias(tensor, size, stride);
}

}  // namespace

torch::Device far_device() { return torch::Device(torch::DeviceType::PrivateUse1, 0); }

namespace {

void on_the_cpu(const c10::OperatorHandle& function, torch::jit::Stack* stack) {
  at::native::cpu_fallback(function, stack);
}

// libtorch has the shapes of some functions in Python alone. Here they are those of zeros on the CPU.
void shapes_of_zeros(const c10::OperatorHandle& function, torch::jit::Stack* stack) {
  TORCH_CHECK(function.schema().name() != "aten::_local_scalar_dense", "a tensor of meta has no number to look at");
  const auto zeros = [](const Tensor& tensor) {
    if (!tensor.defined()) return tensor;
    TORCH_CHECK(tensor.is_meta() || tensor.dim() == 0, "a tensor of ", tensor.device(), " among those of meta");
    return torch::zeros(tensor.sizes(), torch::dtype(tensor.dtype()));
  };
  // The tensor that the caller gave for the result.
  const Tensor out = function.schema().overload_name().ends_with("out") ? stack->back().toTensor() : Tensor();
  for (torch::IValue& value : *stack) {
    if (value.isTensor()) value = zeros(value.toTensor());
    if (!value.isTensorList()) continue;
    std::vector<Tensor> all;
    for (const Tensor& each : value.toTensorVector()) all.push_back(zeros(each));
    value = all;
  }
  function.callBoxed(*stack);
  if (out.defined()) {
    stack->front() = out.resize_(stack->front().toTensor().sizes());
    return;
  }
  for (torch::IValue& value : *stack) {
    if (value.isTensor() && value.toTensor().defined()) value = value.toTensor().to(torch::kMeta);
  }
}

#if TORCH_VERSION_MAJOR >= 2
// This libtorch has a fallback of its own, which ends the test, so the functions have to be named.
TORCH_LIBRARY_IMPL(aten, Meta, library) {
  for (const char* name : {"embedding_dense_backward", "index_select", "logical_and", "logical_not",
                           "native_batch_norm", "native_layer_norm_backward", "where.self", "where.self_out"})
    library.impl(name, torch::CppFunction::makeFromBoxedFunction<&shapes_of_zeros>());
}
#else
TORCH_LIBRARY_IMPL(_, Meta, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&shapes_of_zeros>());
}
#endif

C10_REGISTER_GUARD_IMPL(PrivateUse1, c10::impl::NoOpDeviceGuardImpl<c10::DeviceType::PrivateUse1>);

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&on_the_cpu>());
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
  library.impl("empty.memory_format", empty);
  library.impl("empty_strided", empty_strided);
  library.impl("copy_", copy);
  library.impl("_copy_from", copy_from);
  library.impl("_copy_from_and_resize", copy_from_and_resize);
  library.impl("as_strided", as_strided);
  library.impl("view", view);
  library.impl("_reshape_alias", reshape_alias);
}

}  // namespace
}  // namespace continuo::neural
