# cmake -DSOURCE_DIR=... -DOUTPUT=... -DVERSION=... -DCOMPILER=... -DBUILD_TYPE=... -P WriteBuildInfo.cmake
#
# Run by each build: writes the one source that knows the commit. A file that would not change is left alone, so that
# nothing is compiled or linked again.

# Of a clone: the commit, with "-dirty" where files that git knows were changed. Of the sources in a folder of another
# repository, or without git, nothing.
function(commit_of_clone result)
  set(${result} "" PARENT_SCOPE)
  find_program(GIT git)
  if(NOT GIT)
    return()
  endif()
  set(git ${GIT} --no-optional-locks -C ${SOURCE_DIR})
  execute_process(COMMAND ${git} rev-parse --show-toplevel OUTPUT_VARIABLE top OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  file(REAL_PATH "${SOURCE_DIR}" source)
  if(NOT top STREQUAL source)
    return()
  endif()
  execute_process(COMMAND ${git} rev-parse --short=12 HEAD
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND ${git} status --porcelain --untracked-files=no OUTPUT_VARIABLE changes ERROR_QUIET)
  if(commit AND changes)
    string(APPEND commit "-dirty")
  endif()
  set(${result} "${commit}" PARENT_SCOPE)
endfunction()

# Of an archive that git has written (.gitattributes: export-subst).
function(commit_of_archive result)
  file(READ "${SOURCE_DIR}/cmake/archive_commit.txt" text)
  string(STRIP "${text}" text)
  if(text MATCHES "^[0-9a-f]+$")
    string(SUBSTRING "${text}" 0 12 text)
    set(${result} "${text}" PARENT_SCOPE)
  else()
    set(${result} "" PARENT_SCOPE)
  endif()
endfunction()

commit_of_clone(COMMIT)
if(NOT COMMIT)
  commit_of_archive(COMMIT)
endif()
if(NOT COMMIT)
  set(COMMIT "unknown")
endif()
configure_file("${SOURCE_DIR}/cmake/build_info.cpp.in" "${OUTPUT}" @ONLY)
