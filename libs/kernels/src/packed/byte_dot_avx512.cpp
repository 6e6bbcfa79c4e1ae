// AVX512-VNNI and AMX-INT8, which multiply bytes.
#include "packed/byte_dot.h"

#if defined(__x86_64__)

#include <algorithm>
#include <cstring>

#include <hwy/base.h>
#include <immintrin.h>

// What follows is compiled for these instructions, whatever the rest of the build is for.
HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,amx-tile,amx-int8,amx-bf16")

#include "isa/amx_tiles.h"
#include "packed/byte_tiles.h"
#include "packed/byte_vectors.h"

namespace continuo::kernels {
namespace {

struct Avx512Bytes {
  static constexpr std::size_t kLanes = 16, kRowPanels = 4, kTileRows = 6;
  __m512i sums;

  static Avx512Bytes zero() { return {_mm512_setzero_si512()}; }
  static Avx512Bytes load(const std::int32_t* from) { return {_mm512_loadu_si512(from)}; }
  void store(std::int32_t* to) const { _mm512_storeu_si512(to, sums); }
  static __m512i weights(const std::uint8_t* from) { return _mm512_loadu_si512(from); }
  static __m512i everywhere(const std::int8_t* from) {
    int word;
    std::memcpy(&word, from, sizeof word);
    return _mm512_set1_epi32(word);
  }
  Avx512Bytes dot(__m512i weights, __m512i bytes) const { return {_mm512_dpbusd_epi32(sums, weights, bytes)}; }
};

void avx512_row(const ByteProduct& p) { byte_row<Avx512Bytes>(p); }
void avx512_rows(const ByteProduct& p) { byte_rows<Avx512Bytes>(p); }

void amx_rows(const ByteProduct& p) {
  AmxTiles tiles;
  byte_tile_rows(tiles, p);
  tiles.release();
}

}  // namespace

const ByteDot& avx512_byte_dot() {
  static constexpr ByteDot kDot = {avx512_row, avx512_rows};
  return kDot;
}

const ByteDot& amx_byte_dot() {
  static constexpr ByteDot kDot = {avx512_row, amx_rows};
  return kDot;
}

}  // namespace continuo::kernels

HWY_POP_ATTRIBUTES

#endif
