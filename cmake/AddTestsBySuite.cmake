# Registers each suite of a GoogleTest program as one test. CTest includes this file before it runs, with the variables
# that continuo_tests_by_suite() has set: program, list, prefix, label, long_suites.
#
# gtest_discover_tests() would start a process for each case: thousands of starts, each longer than most cases, and half
# a second where the program links libtorch. Cases that fail are named in the output.

if(NOT EXISTS "${program}")
  add_test("${prefix}NOT_BUILT" "${program}")
  return()
endif()
if(NOT EXISTS "${list}" OR NOT "${list}" IS_NEWER_THAN "${program}")
  execute_process(COMMAND "${program}" --gtest_list_tests OUTPUT_FILE "${list}" RESULT_VARIABLE failed)
  if(failed)
    file(REMOVE "${list}")
    message(FATAL_ERROR "${program} --gtest_list_tests: ${failed}")
  endif()
endif()
# "Presets/EveryModel.", with "  # TypeParam = float" after a typed one; cases are indented.
file(STRINGS "${list}" suites REGEX "^[^ ]+\\.( |$)")
foreach(suite IN LISTS suites)
  string(REGEX REPLACE "\\.( .*)?$" "" suite "${suite}")
  add_test("${prefix}${suite}" "${program}" "--gtest_filter=${suite}.*" --gtest_brief=1)
  set(own_label "${label}")
  list(FIND long_suites "${suite}" place)
  if(place GREATER_EQUAL 0)
    set(own_label laws)
    list(REMOVE_ITEM long_suites "${suite}")
  endif()
  set_tests_properties("${prefix}${suite}" PROPERTIES LABELS "${own_label}" TIMEOUT 1800)
endforeach()
if(long_suites)
  message(FATAL_ERROR "${program} has no suites ${long_suites}")
endif()
