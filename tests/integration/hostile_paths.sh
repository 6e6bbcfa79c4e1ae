#!/usr/bin/env bash
# Every command that reads and writes, with paths that are none: devices, pipes, links, folders, odd names. Each run must end
# by itself without a signal, keep the inputs as they were, and say what failed in one short line.
# Usage: hostile_paths.sh CONTINUO WORK
set -uo pipefail
continuo=$(realpath "$1")
work=$2
rm -rf "$work" && mkdir -p "$work" && cd "$work" || exit 1

runs=0
failures=0
fail() {
  failures=$((failures + 1))
  printf 'FAILED: %s\n' "$*" | cut -c1-300
}

# --- what is read
printf 'X:1\nT:tune\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|\n' >tune.abc
"$continuo" convert tune.abc tune.mid >/dev/null
"$continuo" tokenize tune.mid --tokenizer remi -o tune.json >/dev/null
odd=$'odd\xff\n name'
long=$(printf 'n%.0s' $(seq 250))
cp tune.mid "$odd.mid"
cp tune.abc "$odd.abc"
cp tune.json "$odd.json"
: >empty.mid
head -c 40 tune.mid >cut.mid
head -c 4096 /dev/urandom >noise.mid
ln -s tune.mid link.mid
ln -s nowhere.mid dangling.mid
ln -s loop.mid loop.mid
mkdir folder
inputs=(tune.mid tune.abc tune.json "$odd.mid" "$odd.abc" "$odd.json" empty.mid cut.mid noise.mid link.mid dangling.mid loop.mid
        missing.mid /dev/null /dev/full /dev/zero /proc/self/mem tune.mid/inside.mid "$long$long.mid" '' ' ' folder)
kept=$(sha256sum tune.* "$odd".* cut.mid noise.mid)

# --- what is written. Each kind is made afresh for each run.
make_output() {
  rm -rf out && mkdir out
  case "$1" in
    file) output=out/a.mid ;;
    odd) output="out/$odd.mid" ;;
    link) echo old >out/old.mid && ln -s old.mid out/l.mid && output=out/l.mid ;;
    dangling) ln -s nowhere/a.mid out/d.mid && output=out/d.mid ;;
    loop) ln -s l.mid out/l.mid && output=out/l.mid ;;
    folder) mkdir out/f.mid && output=out/f.mid ;;
    inside-a-file) : >out/a && output=out/a/b.mid ;;
    no-folder) output=out/none/b.mid ;;
    null) output=/dev/null ;;
    full) output=/dev/full ;;
    pipe) mkfifo out/p.mid && output=out/p.mid && (timeout 10 cat out/p.mid >/dev/null &) ;;
    stdout) output=- ;;
    empty) output= ;;
    long) output=out/$long$long.mid ;;
    input) output=$2 ;;
    extension) output=out/a.xyz ;;
  esac
}
kinds=(file odd link dangling loop folder inside-a-file no-folder null full pipe stdout empty long input extension)

# attempt NAME COMMAND...: exit status 0, 1 or 2 (usage), and after a failure one short line on standard error.
attempt() {
  local name=$1 status lines
  shift
  runs=$((runs + 1))
  timeout 20 "$@" >stdout 2>stderr </dev/null
  status=$?
  [ $status -le 2 ] || fail "$name: exit status $status"
  [ $status -eq 0 ] && return
  lines=$(grep -ac 'error: ' stderr)
  [ "$lines" -eq 1 ] || fail "$name: $lines errors"
  [ "$(wc -c <stderr)" -le 2000 ] || fail "$name: $(wc -c <stderr) bytes of messages"
  grep -aq 'exception\|std::\|basic_' stderr && fail "$name: $(cat stderr)"
  return 0
}

commands=("convert" "tokenize --tokenizer remi -o" "detokenize -o" "render -o" "inspect --json")
for command in "${commands[@]}"; do
  read -r -a words <<<"$command"
  for input in "${inputs[@]}"; do
    for kind in "${kinds[@]}"; do
      make_output "$kind" "$input"
      case ${words[0]} in
        # An output of its own, where the input would be lost.
        convert) [ "$kind" = input ] && cp -f tune.mid out/self.mid && input=out/self.mid output=out/self.mid
                 attempt "convert $(printf %q "$input") to $kind" "$continuo" convert "$input" "$output" ;;
        inspect) attempt "inspect $(printf %q "$input")" "$continuo" inspect --json "$input"
                 break ;;
        *) [ "$kind" = input ] && continue
           attempt "${words[0]} $(printf %q "$input") to $kind" "$continuo" "${words[@]}" "$output" "$input" ;;
      esac
    done
  done
done

[ "$(sha256sum tune.* "$odd".* cut.mid noise.mid)" = "$kept" ] || fail 'an input has changed'
[ -c /dev/null ] && [ -c /dev/full ] || fail 'a device was replaced'
[ -z "$(find . -name '*.partial-*')" ] || fail "left over: $(find . -name '*.partial-*' | head -1)"
echo "$runs runs, $failures failures"
[ $failures -eq 0 ]
