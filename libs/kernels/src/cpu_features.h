#pragma once

namespace continuo::kernels {

// Whether this CPU and its system run what Highway's targets compile to; false on CPUs of another kind. Highway's library tells
// the same, but measures its clock for 10 ms whenever a program starts that links it.
bool runs_sse4();
bool runs_avx2();
bool runs_avx3();  // AVX-512 F, BW, DQ, VL

}  // namespace continuo::kernels
