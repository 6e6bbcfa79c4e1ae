#!/usr/bin/env bash
# What --version shows as the commit: of a clone, of changed files, of an archive, and of sources within another repository or
# without git. Usage: build_info.sh WORK_FOLDER
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(realpath -m "$1")
rm -rf "$work"
mkdir -p "$work/clone/cmake"
cd "$work"
cp "$top"/cmake/{WriteBuildInfo.cmake,build_info.cpp.in,archive_commit.txt} clone/cmake/
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
failed=0

# expect PATTERN WHAT [CMAKE]: of the sources in the folder "clone".
expect() {
  "${3:-cmake}" -DSOURCE_DIR="$work/clone" -DOUTPUT="$work/info.cpp" -DVERSION=1.2.3 -DCOMPILER='GNU 1' -DBUILD_TYPE=Release \
    -P clone/cmake/WriteBuildInfo.cmake
  grep -Eq "version = \"1.2.3\", .commit = \"$1\", .compiler = \"GNU 1\", .build_type = \"Release\"" info.cpp ||
    { echo "$2: $(grep commit info.cpp)"; failed=1; }
}

expect unknown 'a folder without git'
git -C clone init -q
expect unknown 'a clone without a commit'
git -C clone add .
git -C clone commit -qm first
commit=$(git -C clone rev-parse --short=12 HEAD)
expect "$commit" 'a clone'
touch -d '2001-01-01' info.cpp
expect "$commit" 'a clone again'
[ "$(date -r info.cpp +%Y)" = 2001 ] || { echo 'written, though nothing has changed'; failed=1; }
touch clone/new.txt
expect "$commit" 'a file that git does not know'
echo >>clone/cmake/build_info.cpp.in
expect "$commit-dirty" 'a changed file'
rm -rf clone/.git
git init -q
git add clone
git commit -qm 'sources of somebody else'
expect unknown 'sources within another repository'
echo "$(printf '0123456789abcdef%.0s' 1 2)" >clone/cmake/archive_commit.txt
expect 0123456789ab 'an archive that git has written'
exit $failed
