#pragma once

#include <cstddef>

// The blocks that matrix products are made of. They decide how operands lie in memory and where work can be cut.
namespace continuo::kernels {

// Columns of a right-hand side that lie interleaved, in a panel, so that one vector load brings the same row of several
// columns. (Of weights [outputs, inputs], which are multiplied from the right as their transpose, columns are the
// rows.)
inline constexpr std::size_t kPanelRows = 32;

// Rows of a left-hand side that are multiplied with a panel together, at most: whole register tiles of every
// instruction set.
inline constexpr std::size_t kBlockRows = 48;

}  // namespace continuo::kernels
