# Language level, warnings, sanitizers and ccache: what every target of the project shares.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

find_program(CONTINUO_CCACHE ccache)
if(CONTINUO_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CONTINUO_CCACHE}")
endif()

# Warnings and sanitizers, attached to each module of ours (never to third-party targets).
add_library(continuo_compiler INTERFACE)
target_compile_features(continuo_compiler INTERFACE cxx_std_20)
target_compile_options(continuo_compiler INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  -Wno-missing-field-initializers
  # A new enumerator must be dealt with wherever the enumeration is switched.
  -Werror=switch)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False alarms on std::string and std::vector (GCC bugs 105651, 105562, 107852).
  target_compile_options(continuo_compiler INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow)
endif()
# The same sum in the same order everywhere: fused multiply-add only where a kernel asks for it.
target_compile_options(continuo_compiler INTERFACE -ffp-contract=off)
# A library of which nothing is called is not loaded either (cpu_features.h: Highway's would cost 10 ms).
include(CheckLinkerFlag)
check_linker_flag(CXX -Wl,--as-needed CONTINUO_LINKS_AS_NEEDED)
if(CONTINUO_LINKS_AS_NEEDED)
  target_link_options(continuo_compiler INTERFACE -Wl,--as-needed)
endif()
if(CONTINUO_SANITIZE)
  target_compile_options(continuo_compiler INTERFACE
    -fsanitize=${CONTINUO_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(continuo_compiler INTERFACE -fsanitize=${CONTINUO_SANITIZE})
endif()
