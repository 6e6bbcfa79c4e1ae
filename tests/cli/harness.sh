# Sourced by the cases, which are called with the program and a folder to work in: empties the folder, and enters it.
# Counts what was expected and found; finish prints the sum and sets the exit code.

continuo=$(realpath "$1")
work=$(realpath -m "$2")
corpus=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../examples/corpus")
rm -rf "$work"
mkdir -p "$work"
cd "$work"

passed=0
failed=0

ok() { passed=$((passed + 1)); }
bad() {
  failed=$((failed + 1))
  echo "FAILED: $*"
  sed 's/^/    /' "$work/stderr" "$work/stdout" 2>/dev/null | head -20
}

# run COMMAND...: leaves exit code, stdout and stderr for the expectations.
run() {
  last="$*"
  set +e
  "$@" >"$work/stdout" 2>"$work/stderr" </dev/null
  code=$?
  set -e
}

# succeeds COMMAND...
succeeds() {
  run "$@"
  if [ $code -eq 0 ]; then ok; else bad "exit $code: $last"; fi
}

# fails PATTERN COMMAND...: exit 1 and exactly one line "continuo: error: ..." that matches.
fails() {
  local pattern=$1
  shift
  run "$@"
  local lines
  lines=$(grep -c '' "$work/stderr" || true)
  if [ $code -ne 1 ]; then bad "exit $code instead of 1: $last"
  elif [ "$lines" -ne 1 ]; then bad "$lines lines of error instead of 1: $last"
  elif ! grep -Eq -e "^continuo: error: .*$pattern" "$work/stderr"; then bad "error does not say '$pattern': $last"
  else ok; fi
}

# misuse COMMAND...: exit 2.
misuse() {
  run "$@"
  if [ $code -eq 2 ]; then ok; else bad "exit $code instead of 2: $last"; fi
}

# says PATTERN: of the last command's stdout.
says() { if grep -Eq -e "$1" "$work/stdout"; then ok; else bad "output does not say '$1': $last"; fi; }

# explains PATTERN: of the last command's stderr.
explains() { if grep -Eq -e "$1" "$work/stderr"; then ok; else bad "stderr does not say '$1': $last"; fi; }

# holds DESCRIPTION TEST...: a condition.
holds() {
  local what=$1
  shift
  if "$@"; then ok; else bad "$what"; fi
}

finish() {
  echo "$passed passed, $failed failed"
  [ $failed -eq 0 ]
}
