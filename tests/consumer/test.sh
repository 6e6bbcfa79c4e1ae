#!/usr/bin/env bash
# Configures a project that has Continuo as a subdirectory and compiles a source that uses it. Usage: test.sh WORK_FOLDER
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rm -rf "$1"
cmake -G Ninja -S "$here" -B "$1" -DCONTINUO="$here/../.."
cmake --build "$1" --target consumer
