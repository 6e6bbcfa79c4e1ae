#pragma once

namespace continuo::kernels {

// Whether this CPU and its system run what Highway's targets compile to; false on CPUs of another kind. Highway's
// library finds out the same, but measures its clock for 10 ms at the start of every program that links it.
bool runs_sse4();
bool runs_avx2();
bool runs_avx3();  // AVX-512 F, BW, DQ, VL

// What is beyond Highway's targets. Products of bf16, and of bytes.
bool runs_avx512_bf16();
bool runs_amx_bf16();
bool runs_avx_vnni();
bool runs_avx512_vnni();
bool runs_amx_int8();

}  // namespace continuo::kernels
