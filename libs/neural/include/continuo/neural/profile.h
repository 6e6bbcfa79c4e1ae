#pragma once

#include <string>
#include <vector>

// Where the time of a training step goes, by fused function. Includes no header of libtorch.
namespace continuo::neural {

struct FunctionTime {
  std::string name;
  double seconds = 0;
};

// Measures from now on, from nothing. Costs some tens of nanoseconds a call.
void start_profile();
// What was measured since, longest first. Includes only the functions of the fused path.
std::vector<FunctionTime> profile();

}  // namespace continuo::neural
