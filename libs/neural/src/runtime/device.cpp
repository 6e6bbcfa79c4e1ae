#include "continuo/neural/device.h"

#include <charconv>
#include <optional>

#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/torch.h>

namespace continuo::neural {
namespace {

constexpr std::string_view kCuda = "cuda", kAuto = "auto";
constexpr int kMostDevices = 64;

// The number in "cuda:N", 0 of "cuda"; empty where the text is neither.
std::optional<int> cuda_number(std::string_view text) {
  if (text == kCuda) return 0;
  if (!text.starts_with("cuda:")) return std::nullopt;
  text.remove_prefix(kCuda.size() + 1);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc{} && end == text.data() + text.size() && text.front() != '-';
  return is_number && number < kMostDevices ? std::optional(number) : std::nullopt;
}

Result<std::string> find_cuda(std::string_view wish, int number) {
  const std::string option = "--device " + std::string(wish);
  if (!c10::impl::hasDeviceGuardImpl(c10::DeviceType::CUDA)) {
    return Error{ErrorCode::unsupported,
                 option +
                     ": this build of libtorch has no CUDA; CONTINUO_TORCH=DIR ./run build cuda builds against one "
                     "that has"};
  }
  const int count = static_cast<int>(torch::cuda::device_count());
  if (count == 0)
    return Error{ErrorCode::unsupported, option + ": libtorch finds no GPU here, or no driver that is new enough"};
  if (number >= count) {
    return Error{ErrorCode::invalid_argument, option + ": there " + (count == 1 ? "is one GPU" : "are GPUs") +
                                                  ", cuda:0" +
                                                  (count == 1 ? "" : " to cuda:" + std::to_string(count - 1))};
  }
  return "cuda:" + std::to_string(number);
}

}  // namespace

bool names_device(std::string_view text) { return text == kAuto || text == kCpu || cuda_number(text).has_value(); }

Result<std::string> find_device(std::string_view wish) {
  if (wish == kCpu) return std::string(kCpu);
  if (wish == kAuto) {
    const bool has_cuda = c10::impl::hasDeviceGuardImpl(c10::DeviceType::CUDA) && torch::cuda::device_count() > 0;
    return std::string(has_cuda ? "cuda:0" : kCpu);
  }
  if (const auto number = cuda_number(wish)) return find_cuda(wish, *number);
  return Error{ErrorCode::invalid_argument, "device is auto, cpu, cuda or cuda:N, not '" + std::string(wish) + "'"};
}

}  // namespace continuo::neural
