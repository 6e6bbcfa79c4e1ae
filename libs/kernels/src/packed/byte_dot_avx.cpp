// AVX-VNNI, which multiplies bytes in registers of 256 bits.
#include "packed/byte_dot.h"

#if defined(__x86_64__)

#include <cstring>

#include <hwy/base.h>
#include <immintrin.h>

// What follows is compiled for these instructions, whatever the rest of the build is for.
HWY_PUSH_ATTRIBUTES("avx2,fma,avxvnni")

#include "packed/byte_vectors.h"

namespace continuo::kernels {
namespace {

struct AvxBytes {
  static constexpr std::size_t kLanes = 8, kRowPanels = 1, kTileRows = 3;
  __m256i sums;

  static AvxBytes zero() { return {_mm256_setzero_si256()}; }
  static AvxBytes load(const std::int32_t* from) {
    return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from))};
  }
  void store(std::int32_t* to) const { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), sums); }
  static __m256i weights(const std::uint8_t* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  }
  static __m256i everywhere(const std::int8_t* from) {
    int word;
    std::memcpy(&word, from, sizeof word);
    return _mm256_set1_epi32(word);
  }
  AvxBytes dot(__m256i weights, __m256i bytes) const { return {_mm256_dpbusd_avx_epi32(sums, weights, bytes)}; }
};

void avx_row(const ByteProduct& p) { byte_row<AvxBytes>(p); }
void avx_rows(const ByteProduct& p) { byte_rows<AvxBytes>(p); }

}  // namespace

const ByteDot& avx_byte_dot() {
  static constexpr ByteDot kDot = {avx_row, avx_rows};
  return kDot;
}

}  // namespace continuo::kernels

HWY_POP_ATTRIBUTES

#endif
