#include "continuo/engine/quantize.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "continuo/checkpoint/tensor_names.h"
#include "continuo/kernels/number_types.h"

#include "weights/int8_rows.h"
#include "weights/weight_reader.h"

namespace continuo::engine {
namespace {

using checkpoint::DType;
using checkpoint::TensorSpec;
using checkpoint::TensorView;
using kernels::Precision;

// Tensors under construction, and their bytes.
class TensorStore {
 public:
  template <typename Number>
  void add(const std::string& name, DType type, std::vector<std::int64_t> shape, const std::vector<Number>& numbers) {
    const auto* begin = reinterpret_cast<const std::uint8_t*>(numbers.data());
    auto& bytes = bytes_[name];
    bytes.assign(begin, begin + numbers.size() * sizeof(Number));
    views_[name] = {type, std::move(shape), bytes};
  }
  const std::map<std::string, TensorView>& views() const { return views_; }

 private:
  std::map<std::string, std::vector<std::uint8_t>> bytes_;
  std::map<std::string, TensorView> views_;
};

template <typename Number>
std::vector<Number> narrowed(const std::vector<float>& values) {
  std::vector<Number> numbers;
  numbers.reserve(values.size());
  for (const float value : values) numbers.push_back(kernels::number_from<Number>(value));
  return numbers;
}

void add_int8(TensorStore& store, const TensorSpec& spec, const std::vector<float>& values) {
  const Int8Rows rows = int8_rows(values, static_cast<std::size_t>(spec.shape[1]));
  store.add(spec.name, DType::kI8, spec.shape, rows.numbers);
  store.add(checkpoint::scale_name(spec.name), DType::kF32, {spec.shape[0]}, rows.scales);
}

// Vectors of places, slots and positions are only added, and are few. All other matrices are in memory what they are in
// the file, but for the embedding of tokens where another matrix is the output.
bool is_multiplied(const TensorSpec& spec) {
  const bool added = spec.name.ends_with("_embedding.weight") && spec.name != "token_embedding.weight";
  return spec.shape.size() == 2 && !added;
}

void add_tensor(TensorStore& store, const TensorSpec& spec, Precision precision, const std::vector<float>& values) {
  switch (is_multiplied(spec) ? precision : Precision::kFp32) {
    case Precision::kFp32:
      return store.add(spec.name, DType::kF32, spec.shape, values);
    case Precision::kFp16:
      return store.add(spec.name, DType::kF16, spec.shape, narrowed<kernels::Fp16>(values));
    case Precision::kBf16:
      return store.add(spec.name, DType::kBF16, spec.shape, narrowed<kernels::Bf16>(values));
    case Precision::kInt8:
      return add_int8(store, spec, values);
  }
}

}  // namespace

Status write_quantized(const checkpoint::Checkpoint& checkpoint, Precision precision,
                       const std::filesystem::path& path) {
  CONTINUO_TRY(checkpoint::validate(checkpoint.model));
  WeightReader reader(checkpoint, precision);
  TensorStore store;
  for (const TensorSpec& spec : checkpoint::tensor_specs(checkpoint.model)) {
    const auto values = reader.take(spec.name);
    reader.check_fits(spec.name, values);
    if (!reader.status().ok()) return reader.status().error();
    add_tensor(store, spec, precision, values);
  }
  return checkpoint::write_checkpoint(path, checkpoint.model, checkpoint.tokenizer, checkpoint.provenance,
                                      store.views());
}

}  // namespace continuo::engine
