# Finds libtorch: the system's, or the one in CONTINUO_TORCH, a folder that has include/ and lib/, such as an unpacked
# libtorch or the folder `torch` of PyPI's package. That one's own CMake files are not used: with CUDA they ask for the
# compiler and the libraries of CUDA, which nothing here is built with, since none of our sources is CUDA's.
#
# Defines the target `continuo_torch`, with OpenMP: libtorch's parallel_for is compiled with our sources, and runs on one
# thread where the compiler does not know OpenMP.
find_package(OpenMP REQUIRED COMPONENTS CXX)
set(CONTINUO_TORCH "$ENV{CONTINUO_TORCH}" CACHE PATH "Folder of the libtorch to build against (empty: the system's)")

function(continuo_imported_torch folder)
  find_path(CONTINUO_TORCH_HEADERS torch/torch.h PATHS "${folder}/include/torch/csrc/api/include" NO_DEFAULT_PATH)
  if(NOT CONTINUO_TORCH_HEADERS)
    message(FATAL_ERROR "CONTINUO_TORCH=${folder} has no include/torch/csrc/api/include/torch/torch.h: it should be an "
                        "unpacked libtorch, or the folder `torch` of PyPI's package")
  endif()
  # Wheels before 2.6 were built with another std::string than the libraries of this system.
  if(EXISTS "${folder}/share/cmake/Torch/TorchConfig.cmake")
    file(STRINGS "${folder}/share/cmake/Torch/TorchConfig.cmake" old_strings REGEX "_GLIBCXX_USE_CXX11_ABI=0")
    if(old_strings)
      message(FATAL_ERROR "CONTINUO_TORCH=${folder} was built with the old C++ ABI: take PyPI's torch from 2.6 on, or "
                          "the libtorch that is called cxx11-abi")
    endif()
  endif()
  set(library "${folder}/lib")
  foreach(name IN ITEMS torch torch_cpu c10)
    if(NOT EXISTS "${library}/lib${name}.so")
      message(FATAL_ERROR "CONTINUO_TORCH=${folder} has no lib/lib${name}.so")
    endif()
  endforeach()
  add_library(torch INTERFACE IMPORTED GLOBAL)
  target_include_directories(torch SYSTEM INTERFACE "${folder}/include" "${CONTINUO_TORCH_HEADERS}")
  # No symbol of ours is in libtorch.so, but it brings the part for CUDA along, which registers itself when loaded.
  target_link_libraries(torch INTERFACE
    "-Wl,--push-state,--no-as-needed" "${library}/libtorch.so" "-Wl,--pop-state"
    "${library}/libtorch_cpu.so" "${library}/libc10.so")
  # Its OpenMP is the one that all of the process has to use.
  file(GLOB openmp "${library}/libgomp*.so*")
  if(openmp)
    target_compile_options(torch INTERFACE ${OpenMP_CXX_FLAGS})
    target_link_libraries(torch INTERFACE ${openmp})
  else()
    target_link_libraries(torch INTERFACE OpenMP::OpenMP_CXX)
  endif()
  message(STATUS "libtorch: ${folder}")
endfunction()

set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL TRUE)  # `train` and the programs link the same targets
add_library(continuo_torch INTERFACE)
if(CONTINUO_TORCH)
  continuo_imported_torch("${CONTINUO_TORCH}")
  target_link_libraries(continuo_torch INTERFACE torch)
else()
  find_package(Torch REQUIRED)
  target_link_libraries(continuo_torch INTERFACE ${TORCH_LIBRARIES} OpenMP::OpenMP_CXX)
endif()
