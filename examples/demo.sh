#!/usr/bin/env bash
# From a folder of tunes to new music: two data sets, two models, two pieces. Usage: demo.sh CONTINUO [OUT]
set -euo pipefail
continuo=$1
here=$(dirname "${BASH_SOURCE[0]}")
out=${2:-out}
minutes=${CONTINUO_DEMO_MINUTES:-1}
mkdir -p "$out"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

# learn MODEL SIZE TOKENIZER: builds the data set, trains, composes.
learn_and_compose() {
  local model=$1 size=$2 tokenizer=$3
  say "$model: encoding $here/corpus as $tokenizer tokens"
  "$continuo" dataset build "$here/corpus" -o "$out/data-$tokenizer" --tokenizer "$tokenizer" \
    --transpose-down 3 --transpose-up 3
  say "$model: learning for $minutes minute(s)"
  rm -rf "$out/$model-run"
  "$continuo" train --data "$out/data-$tokenizer" --model "$model" --size "$size" --max-minutes "$minutes" \
    -o "$out/$model-run"
  cp "$out/$model-run/loss.png" "$out/$model-loss.png"
  say "$model: composing 16 bars"
  "$continuo" compose --model "$out/$model-run/best.safetensors" --bars 16 --temperature 0.9 --top-p 0.95 --seed 1 \
    -o "$out/$model.mid" --wav "$out/$model.wav" --png "$out/$model.png"
}

learn_and_compose lstm tiny note_chord
learn_and_compose gpt tiny remi

say "Done. Listen to $out/lstm.wav and $out/gpt.wav; look at $out/lstm.png, $out/gpt.png and the loss curves."
cat <<TEXT

What to try next:
  another piece:        $continuo compose --model $out/gpt-run/best.safetensors --seed 2 -o $out/another.mid --wav $out/another.wav
  continue a tune:      $continuo compose --model $out/gpt-run/best.safetensors --primer $out/lstm.mid --bars 8 -o $out/longer.mid
  learn for longer:     $continuo train --data $out/data-remi --model gpt2 --size small --max-minutes 10 -o $out/gpt2-run
  learn your own music: $continuo train --data FOLDER_OF_MIDI --model lstm --size small --max-minutes 10 -o $out/mine
  all commands:         $continuo --help
TEXT
