#!/usr/bin/env bash
# Playing and jamming, through a JACK server of its own where there is one. Usage: live.sh CONTINUO WORK_FOLDER
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

server=
cleanup() { [ -z "$server" ] || kill "$server" 2>/dev/null || true; }
trap cleanup EXIT
export JACK_DEFAULT_SERVER=continuo_tests_$$

head -c 300 "$corpus/adeste_fideles.abc" >none.txt
printf 'X:1\nM:4/4\nL:1/4\nQ:1/4=120\nK:C\nCDEF|G2c2|z4|z4|CDEF|G2c2|\n' >calls.abc
printf 'X:1\nM:4/4\nL:1/4\nK:C\nz4|\n' >rest.abc
succeeds "$continuo" convert "$corpus/adeste_fideles.abc" -o a.mid

# To nothing.
printf 'X:1\nM:4/4\nL:1/8\nQ:1/4=240\nK:C\nCDEF|\n' >short.abc
succeeds "$continuo" play short.abc --output null
says "^short.abc: played 0:01 of 0:01, 4 notes"
succeeds "$continuo" play short.abc --output null --json
says '"notes":4'
succeeds "$continuo" play calls.abc --output null --from 9.9
says '2 notes'
fails "rest.abc: the tune has no notes" "$continuo" play rest.abc --output null
fails 'calls.abc: the piece ends at 0:12, before --from' "$continuo" play calls.abc --output null --from 13
fails 'calls.abc: no note begins after --from' "$continuo" play calls.abc --output null --from 11.9
fails 'missing.mid: .*no such file' "$continuo" play missing.mid --output null
misuse "$continuo" play calls.abc --from -1
fails 'missing: FILE' "$continuo" play

# Without a server.
fails 'no sound device can be opened' "$continuo" play a.mid --audio-driver jack
fails 'there are no MIDI ports here' "$continuo" play a.mid --output nowhere
fails 'there are no MIDI ports here' "$continuo" jam --output null
fails 'cannot write .wav' "$continuo" jam --save jam.wav
fails 'must be one instrument' "$continuo" jam --instrument drums
fails 'piano.safetensors: plays in seconds and knows no bars' "$continuo" jam --model piano --output null
misuse "$continuo" jam --tempo 1000

if ! command -v jackd >/dev/null; then
  echo "skipped: what needs a JACK server (package jackd2)"
  finish
  exit
fi
jackd --no-realtime -t 5000 -n "$JACK_DEFAULT_SERVER" -d dummy -r 48000 -p 240 >jackd.log 2>&1 &
server=$!
sleep 2
if ! kill -0 "$server" 2>/dev/null; then
  server=
  echo "skipped: what needs a JACK server, which does not start here: $(tail -n 1 jackd.log)"
  finish
  exit
fi

# A piece is played into jam, which answers in its rests and at its end.
"$continuo" jam --output null --tempo 120 --minutes 0.33 --save jam.mid --seed 1 >jam.txt 2>jam.err &
jam=$!
for _ in $(seq 400); do
  "$continuo" play --list-ports >ports.txt 2>ports.err
  grep -q 'output *Continuo in:midi' ports.txt && break
  sleep 0.1
done
holds 'the port is listed' grep -q 'JACK *output *Continuo in:midi' ports.txt
succeeds "$continuo" play calls.abc --output 'continuo in'
says '12 notes'
wait "$jam" || bad 'jam failed'
# How many bars they are depends on how busy the machine is.
holds 'calls are heard' grep -q '^call: [0-9]* notes in ' jam.txt
holds 'they are answered' grep -q '^[12] calls*, [12] answers*' jam.txt
succeeds "$continuo" inspect jam.mid
says 'calls'
succeeds "$continuo" play calls.abc --audio-driver jack --from 9.9
says '2 notes'
finish
