#include "continuo/neural/runtime.h"

#include <chrono>
#include <filesystem>
#include <fstream>

#include <torch/torch.h>

#include "continuo/base/platform/platform.h"
#include "continuo/kernels/isa.h"
#include "continuo/kernels/peak.h"
#include "continuo/neural/parallel.h"

#include "runtime/caching_allocator.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace continuo::neural {
namespace {

// What is not a tensor. glibc would return large freed blocks to the system and fault them in again at each step.
void keep_freed_memory() {
#if defined(__GLIBC__)
  constexpr int kNever = 2147483647;
  mallopt(M_MMAP_THRESHOLD, kNever);
  mallopt(M_TRIM_THRESHOLD, kNever);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

// Of the reference BLAS the file is .../blas/libblas.so.3.x, of OpenBLAS and others .../openblas-*/ or another name.
bool is_reference_blas(const std::string& file) {
  return file.find("libblas.so") != std::string::npos && file.find("openblas") == std::string::npos &&
         file.find("atlas") == std::string::npos && file.find("blis") == std::string::npos &&
         file.find("mkl") == std::string::npos;
}

// Seconds of some products of one type, after one that prepares the device.
double seconds_of_products(const torch::Device& device, torch::Dtype type) {
  constexpr int kSize = 2048, kProducts = 8;
  const torch::Tensor x = torch::ones({kSize, kSize}, torch::dtype(type).device(device));
  const auto last_number = [](const torch::Tensor& product) { return product[0][0].item<float>(); };  // waits for it
  last_number(at::matmul(x, x));
  const auto begin = std::chrono::steady_clock::now();
  torch::Tensor product;
  for (int i = 0; i < kProducts; ++i) product = at::matmul(x, x);
  last_number(product);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

bool prefers_bf16(const torch::Device& device) {
  if (device.is_cpu()) return kernels::prefers_bf16();
  try {
    return seconds_of_products(device, torch::kBFloat16) < seconds_of_products(device, torch::kFloat32);
  } catch (const c10::Error&) {
    return false;  // a type that it does not know
  }
}

// fp32 products, of which a run in bf16 has few but Muon's, may round their operands to TF32.
void allow_rounded_operands(const Runtime& runtime) {
  const bool allow = runtime.precision == Precision::kBf16 && torch::Device(runtime.device).is_cuda();
  if (allow) at::globalContext().setFloat32MatmulPrecision("high");
}

}  // namespace

int default_threads() { return platform::usable_processors(); }

std::string_view to_string(Precision precision) {
  switch (precision) {
    case Precision::kFp32:
      return "fp32";
    case Precision::kBf16:
      return "bf16";
    case Precision::kAuto:
      break;
  }
  return "auto";
}

Result<Precision> precision_from_string(std::string_view name) {
  for (const Precision precision : {Precision::kAuto, Precision::kFp32, Precision::kBf16}) {
    if (name == to_string(precision)) return precision;
  }
  return Error{ErrorCode::invalid_argument, "precision is auto, fp32 or bf16, not '" + std::string(name) + "'"};
}

std::string loaded_blas() {
  std::ifstream maps("/proc/self/maps");
  std::string line, fallback;
  while (std::getline(maps, line)) {
    const auto slash = line.find('/');
    if (slash == std::string::npos) continue;
    const std::string file = line.substr(slash);
    const std::string name = std::filesystem::path(file).filename().string();
    if (name.starts_with("libblas.so")) return file;
    if (name.starts_with("libopenblas") || name.starts_with("libmkl_rt")) fallback = file;
  }
  return fallback;
}

Runtime prepare_runtime(const RuntimeOptions& options) {
  keep_freed_memory();
  use_caching_allocator();
  // Where our kernels do the work, threads of libtorch's would only wait, by spinning on the processors that ours need.
  at::set_num_threads(options.fused ? 1 : options.threads);
  use_threads(options.fused ? options.threads : 1);
  Runtime runtime;
  runtime.threads = options.threads;
  runtime.device = options.device;
  runtime.precision = options.precision;
  if (options.precision == Precision::kAuto)
    runtime.precision = prefers_bf16(torch::Device(options.device)) ? Precision::kBf16 : Precision::kFp32;
  allow_rounded_operands(runtime);
  runtime.isa = kernels::isa_name();
  if (torch::Device(options.device).is_cpu() && is_reference_blas(loaded_blas())) {
    runtime.warning = "libtorch runs on the reference BLAS, which is some 20 times slower; install libopenblas0-openmp";
  }
  return runtime;
}

}  // namespace continuo::neural
