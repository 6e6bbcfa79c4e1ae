#include "continuo/neural/runtime.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include <torch/torch.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace continuo::neural {
namespace {

// glibc gives each large block a mapping of its own and returns freed memory to the system; a training step allocates
// the same hundreds of megabytes each time, and faulting them in again costs more than half of its time.
void keep_freed_memory() {
#if defined(__GLIBC__)
  constexpr int kNever = 2147483647;
  mallopt(M_MMAP_THRESHOLD, kNever);
  mallopt(M_TRIM_THRESHOLD, kNever);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

// The fastest of several, since a foreign load only ever slows down. Units: seconds.
double product_seconds(torch::ScalarType type) {
  constexpr std::int64_t kRows = 1024, kWidth = 512;
  const torch::Tensor a = torch::full({kRows, kWidth}, 0.5).to(type), b = torch::full({kWidth, kWidth}, 0.25).to(type);
  double best = 1e30;
  for (int i = 0; i < 6; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const torch::Tensor c = at::matmul(a, b);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

double measured_speed_up() {
  const torch::NoGradGuard no_grad;
  try {
    return product_seconds(torch::kFloat32) / product_seconds(torch::kBFloat16);
  } catch (const c10::Error&) {
    return 0;
  }
}

// Of the reference BLAS the file is .../blas/libblas.so.3.x, of OpenBLAS and others .../openblas-*/ or another name.
bool is_reference_blas(const std::string& file) {
  return file.find("libblas.so") != std::string::npos && file.find("openblas") == std::string::npos &&
         file.find("atlas") == std::string::npos && file.find("blis") == std::string::npos &&
         file.find("mkl") == std::string::npos;
}

}  // namespace

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

Runtime prepare_runtime(int threads, Precision wanted) {
  keep_freed_memory();
  at::set_num_threads(threads);
  Runtime runtime;
  runtime.threads = threads;
  runtime.precision = wanted;
  if (wanted == Precision::kAuto) {
    // Below a third more, the rounding of bf16 buys nothing.
    constexpr double kWorthIt = 1.3;
    runtime.bf16_speed_up = measured_speed_up();
    runtime.precision = runtime.bf16_speed_up > kWorthIt ? Precision::kBf16 : Precision::kFp32;
  }
  if (is_reference_blas(loaded_blas())) {
    runtime.warning = "libtorch runs on the reference BLAS, which is some 20 times slower; install libopenblas0-openmp";
  }
  return runtime;
}

}  // namespace continuo::neural
