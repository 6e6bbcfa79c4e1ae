#!/usr/bin/env bash
# Composes with the models that come along, then learns from a folder of tunes and composes with that, and shows all of
# it on one page. Usage: demo.sh CONTINUO [OUT]
set -euo pipefail
continuo=$1
here=$(dirname "${BASH_SOURCE[0]}")
out=${2:-out}
minutes=${CONTINUO_DEMO_MINUTES:-1}
mkdir -p "$out"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

pieces=()
# piece NAME WORDS...: continuo compose WORDS, with sound and a piano roll.
piece() {
  local name=$1
  shift
  pieces+=("$out/$name.mid")
  "$continuo" compose "$@" --seed 1 -o "$out/$name.mid" --wav "$out/$name.wav" --png "$out/$name.png"
}

say "Composing with the models that come along"
piece song --instruments piano,piano,bass,drums --chords "Am F C G" --form AABA --bars 32 --tempo 100
piece jig --model folk --instruments violin,piano --meter 6/8 --key D --chords auto --bars 16
piece chorale --model chorale --bars 12 --top-p 0.98
piece hymn harmonise "$here/corpus/adeste_fideles.abc" --melody 1 --model harmony -t 0.7
piece piano --model piano --seconds 40 --top-p 0.98 --longest-note 5
piece beat --model drums --bars 8 --top-p 0.98

say "Learning from the tunes of $here/corpus for $minutes minute(s)"
"$continuo" dataset build "$here/corpus" -o "$out/data" --tokenizer note_chord --transpose-down 3 --transpose-up 3 \
  --split 85/15/0
rm -rf "$out/run"
"$continuo" train --data "$out/data" --model lstm --size tiny --max-minutes "$minutes" -o "$out/run"
say "Composing with what it has learned"
piece learned --model "$out/run" --bars 16 --temperature 0.9

"$continuo" metrics "${pieces[@]}" --against "$here/corpus" --html "$out/index.html" \
  --title "Composed by Continuo" >"$out/metrics.txt"

say "Done. Open $out/index.html: sounds, piano rolls, and measures beside those of the tunes."
cat <<TEXT
song      two pianos, bass and drums over Am F C G  (model: band)
jig       a tune and its accompaniment              (folk)
chorale   in the manner of Bach                     (chorale)
hymn      three voices below Adeste fideles         (harmony)
piano     as it is played                           (piano)
beat      drums with loudness                       (drums)
learned   after $minutes minute(s) on 77 tunes: a beginner
TEXT
cat <<TEXT

What to try next:
  another song:         $continuo compose --instruments piano,bass,drums --chords "C Am F G" --bars 16 -o another.mid --wav another.wav
  your own piece:       $continuo compose accompany PIECE.mid --add bass,drums -o with-band.mid
  learn your own music: $continuo dataset build FOLDER_OF_MIDI -o data/mine
                        $continuo train --data data/mine --model gpt2 --max-minutes 30 -o runs/mine
  all commands:         $continuo --help
TEXT
