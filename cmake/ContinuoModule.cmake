# continuo_module(<name>
#   SOURCES <files...>
#   [PUBLIC <modules...>] [PRIVATE <modules...>]               modules of ours that its headers / its sources use
#   [LINK_PUBLIC <targets...>] [LINK_PRIVATE <targets...>]     third-party targets, the same distinction
#   [TESTS <files...>] [TEST_LINK <modules or targets...>] [LONG_SUITES <suites...>])
#
# Declares the library continuo_<name> (alias continuo::<name>) rooted at libs/<name>/include. A module is only given
# the include roots of those that it names, so a header of any other module does not compile. A module that is not
# declared earlier is refused, which leaves no way to write a cycle. TESTS become continuo_<name>_tests, each
# suite a test of CTest with the label "unit", or "laws" for LONG_SUITES: those that take several seconds, since they hold
# laws against every tokenisation, model or instruction set.

function(continuo_module name)
  cmake_parse_arguments(M "" "" "SOURCES;PUBLIC;PRIVATE;LINK_PUBLIC;LINK_PRIVATE;TESTS;TEST_LINK;LONG_SUITES" ${ARGN})
  if(M_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "continuo_module(${name}): unknown arguments: ${M_UNPARSED_ARGUMENTS}")
  endif()

  set(target continuo_${name})
  add_library(${target} STATIC ${M_SOURCES})
  add_library(continuo::${name} ALIAS ${target})
  target_compile_features(${target} PUBLIC cxx_std_20)  # headers need it as much as sources do
  target_include_directories(${target} PUBLIC
    "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>" "$<INSTALL_INTERFACE:include>")
  target_link_libraries(${target} PUBLIC ${M_LINK_PUBLIC} PRIVATE ${M_LINK_PRIVATE} continuo_compiler)

  foreach(visibility IN ITEMS PUBLIC PRIVATE)
    foreach(dependency IN LISTS M_${visibility})
      if(NOT TARGET continuo::${dependency})
        message(FATAL_ERROR "module '${name}' uses '${dependency}', which is not declared before it. "
                            "The order of modules is the direction of use: see ARCHITECTURE.md.")
      endif()
      target_link_libraries(${target} ${visibility} continuo::${dependency})
    endforeach()
  endforeach()

  if(CONTINUO_BUILD_TESTS AND M_TESTS)
    add_executable(${target}_tests ${M_TESTS})
    target_link_libraries(${target}_tests PRIVATE continuo::${name} ${M_TEST_LINK} continuo_compiler
                          GTest::gtest GTest::gtest_main)
    target_compile_definitions(${target}_tests PRIVATE
      CONTINUO_SOURCE_DIR="${CMAKE_CURRENT_FUNCTION_LIST_DIR}/.." CONTINUO_TEST_DIR="${CMAKE_CURRENT_SOURCE_DIR}/tests")
    continuo_tests_by_suite(${target}_tests ${name}. unit ${M_LONG_SUITES})
  endif()
endfunction()

# continuo_tests_by_suite(<target> <prefix> <label> [<long suites>...]): each suite of a GoogleTest program is one test.
function(continuo_tests_by_suite target prefix label)
  set(script "${CMAKE_CURRENT_BINARY_DIR}/${target}_by_suite.cmake")
  file(GENERATE OUTPUT "${script}" CONTENT "set(program \"$<TARGET_FILE:${target}>\")
set(list \"${CMAKE_CURRENT_BINARY_DIR}/${target}_list.txt\")
set(prefix \"${prefix}\")
set(label \"${label}\")
set(long_suites \"${ARGN}\")
include(\"${CMAKE_CURRENT_FUNCTION_LIST_DIR}/AddTestsBySuite.cmake\")
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${script}")
endfunction()

# continuo_load_when_needed(<module> <NAME> <library>)
#
# Instead of linking a library that few commands need: defines CONTINUO_<NAME>_LIBRARY as the name under which the loader
# finds it ("libcurl.so.4"), for platform::SharedLibrary. <library> is a file or an imported target.
function(continuo_load_when_needed module name library)
  if(TARGET ${library})
    get_target_property(includes ${library} INTERFACE_INCLUDE_DIRECTORIES)
    if(includes)
      target_include_directories(continuo_${module} SYSTEM PRIVATE ${includes})
    endif()
    get_target_property(library ${library} INTERFACE_LINK_LIBRARIES)
  endif()
  execute_process(COMMAND ${CMAKE_OBJDUMP} -p "${library}" OUTPUT_VARIABLE headers ERROR_QUIET)
  if(NOT headers MATCHES "SONAME +([^ \n]+)")
    message(FATAL_ERROR "${library} is no shared library")
  endif()
  target_compile_definitions(continuo_${module} PRIVATE CONTINUO_${name}_LIBRARY="${CMAKE_MATCH_1}")
endfunction()
