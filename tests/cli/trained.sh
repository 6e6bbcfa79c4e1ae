#!/usr/bin/env bash
# What training has left behind: models described by info, runs compared by runs. Needs no trainer.
# Usage: trained.sh CONTINUO WORK_FOLDER
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

# --- info
printf 'not a model' >bad.safetensors
mkdir -p empty-run
fails 'bad.safetensors: ' "$continuo" info bad.safetensors
fails 'empty-run: no model' "$continuo" info empty-run
misuse "$continuo" info
piano=$corpus/../../models/piano.safetensors
succeeds "$continuo" info "$piano"
says 'model +gpt2: '
says 'shape +4 layers of 256 features, 4 attention heads, feed-forward 1,024'
says 'parameters +3,260,808: embedding 100,352, layers 3,159,552, output 904'
says 'precision +fp32 14,728, int8 3,246,080'
says 'tokenizer +performance, 392 words'
says 'training +19,559 steps, 39,418,727 tokens \(1\.72 epochs\), 135\.9 minutes, seed 3'
says 'validation +2\.1744 nats per token, over 2,592,191 tokens'
succeeds "$continuo" info "$piano" --json
says '"validation_nll":2\.174'
says '"total":3260808'
succeeds "$continuo" info "$corpus/../../tests/parity/stored/attention_rnn.safetensors"
says 'shape +1 layer of 8 features, 2 attention heads'
says 'parts +lstm cells, attention to the last 4 outputs, tied output'
succeeds "$continuo" info "$corpus/../../tests/parity/stored/lstm.safetensors"
says 'shape +1 layer of 8 features$'
succeeds "$continuo" info "$corpus/../../tests/parity/stored/lstm.safetensors" --json
says '"minutes":null'

# --- runs
mkdir -p sweep/a/samples sweep/b/samples sweep/torn/samples sweep/started/samples
header=step,epoch,tokens,elapsed_sec,loss,validation_nll,learning_rate,gradient_norm,tokens_per_s
for run in a b torn started; do
  printf "data = 'tunes'\nmodel = 'gpt2'\nsize = 'tiny'\nseed = \"1\"\nmax_steps = 2\n" >sweep/$run/config.toml
done
sed -i 's/seed = "1"/seed = "2"/' sweep/b/config.toml
printf "$header\n1,0,1000,30,4,3.5,0.1,1,100\n2,0,2000,60,3,3.25,0.1,1,100\n" >sweep/a/metrics.csv
printf "$header\n1,0,1000,30,4,3.0,0.1,1,100\n2,0,2000,90,2,2.75,0.1,1,100\n" >sweep/b/metrics.csv
printf "$header\n1,0,1000,30,4,3.0,0.1,1,100\n2,0,20\n" >sweep/torn/metrics.csv
succeeds "$continuo" runs sweep --chart sweep.png --over minutes
says '^run +model +size +data +tokenizer +parameters +steps +tokens +minutes +loss +validation +options'
says '^sweep/b +gpt2 +tiny +tunes +- +- +2 +2,000 +1.5 +3.0000 +2.7500 +seed 2$'
says '^sweep/a .* 3.2500 +seed 1$'
holds 'the best run comes first' test "$(sed -n '2s/ .*//p' stdout)" = sweep/b
explains 'left out: sweep/torn/metrics.csv: .*line 3'
explains 'left out: sweep/started/metrics.csv: no steps yet'
holds 'each run that is left out has one line' test "$(grep -c '' stderr)" -eq 2
holds 'the chart is a PNG' test "$(head -c 4 sweep.png | tail -c 3)" = PNG
succeeds "$continuo" runs sweep/a sweep/b --json
says '"best_validation_nll":2.75,"best_validation_step":2'
says '"left_out":\[\]'
fails 'empty-run: no training runs' "$continuo" runs empty-run
fails 'missing: no such folder' "$continuo" runs missing
misuse "$continuo" runs sweep --over epochs
fails 'sweep.txt' "$continuo" runs sweep --chart sweep.txt
fails 'no/sweep.png: cannot be written' "$continuo" runs sweep --chart no/sweep.png
holds 'a chart that cannot be written is refused first' test ! -s stdout
fails '--over needs a --chart, whose x axis it is$' "$continuo" runs sweep --over steps
cp -r sweep/a sweep/b .
cp "$piano" a/best.safetensors
cp "$corpus/../../models/chorale.safetensors" b/last.safetensors
succeeds "$continuo" runs a b
says '^b +gpt2 +tiny +jsb-chorales +chorale_grid '
says '^a +gpt2 +tiny +maestro-v3.0.0 +performance '
explains '^continuo: note: the tokenizers of these runs differ, so their nats per token cannot be compared'
succeeds "$continuo" runs a --json
says '"tokenizer":"performance"'
holds 'one tokenizer needs no note' test ! -s stderr

# --- options that a model does not use
succeeds "$continuo" dataset build "$corpus" -o data --tokenizer performance

# --- models that come along are known to the trainer by name
if [ -e "$(dirname "$continuo")/continuo-train" ]; then
  for from in '--init-from piano' '--init-from=piano'; do
    succeeds "$continuo" train --data data $from --dry-run --threads 1 -o tuned
  done
  fails 'tokenizer is chorale_grid' "$continuo" train --data data --init-from chorale --dry-run -o tuned
fi
for option in '--rounds 12' '--refinements 3'; do
  # shellcheck disable=SC2086
  fails "piano.safetensors: ${option% *} is an option of bert models, and this one is gpt2: leave it out$" \
    "$continuo" compose -m "$piano" --tokens 20 $option -o no.mid
done
fails '--mask-draws is an option of bert models, and this one is gpt2: leave it out' \
  "$continuo" evaluate -m "$piano" --data data --mask-draws 4
fails '--stride: must be at most the 512 tokens of a window$' "$continuo" evaluate -m "$piano" --data data --stride 2000
explains '^continuo: error: --stride'
fails '--context: the model has at most 512 tokens, not 4000$' "$continuo" evaluate -m "$piano" --data data --context 4000
succeeds "$continuo" evaluate -m "$piano" --data data --max-tokens 200 --context 64 --stride 32
"$continuo" dataset build "$corpus" -o data-remi --tokenizer remi >/dev/null 2>&1
succeeds "$continuo" evaluate "$piano" "$piano" --data data,data-remi --max-tokens 200
says '^model +data +tokenizer +nats/token'
holds 'each model is measured on the data of its tokenizer' test "$(grep -c 'data  performance' stdout)" -eq 2
fails 'no model has the tokenizer of the data' "$continuo" evaluate "$piano" "$piano" --data data-remi
fails 'missing: ' "$continuo" evaluate "$piano" --data data,missing
fails 'no model is named' "$continuo" evaluate --data data

# --- models mixed
succeeds "$continuo" evaluate "$piano" --data data --split train --context 64
grep 'log-likelihood' stdout >alone.txt
succeeds "$continuo" evaluate "$piano" --mix "$piano" --data data --split train --context 64
grep 'log-likelihood' stdout >mixed.txt
holds 'a model mixed with itself is itself' cmp alone.txt mixed.txt
succeeds "$continuo" compose -m "$piano" --mix "$piano" --mix "$piano" --tokens 30 -o mixed.mid
fails 'band.safetensors: --mix: has another tokenizer than the model$' \
  "$continuo" compose -m "$piano" --mix "${piano%/*}/band.safetensors" --tokens 30 -o no.mid
fails '--mix is for one model on one data set$' "$continuo" evaluate "$piano" "$piano" --mix "$piano" --data data

# --- an evaluation in parts is that of one process
for part in 1 2; do
  succeeds "$continuo" evaluate "$piano" --data data --split train --context 64 --shard $part/2 -o part-$part.json
done
succeeds "$continuo" evaluate merge part-2.json part-1.json
grep -v '^over' stdout >merged.txt
succeeds "$continuo" evaluate "$piano" --data data --split train --context 64
grep -v '^over' stdout >whole.txt
holds 'the parts of an evaluation are together the whole' cmp merged.txt whole.txt
fails 'part-1.json: part 2/2 is missing$' "$continuo" evaluate merge part-1.json
echo '{}' >config.json
fails 'config.json: is no part of an evaluation' "$continuo" evaluate merge part-1.json config.json
fails '--shard and --output go together' "$continuo" evaluate "$piano" --data data --shard 1/2
fails 'without --max-tokens' "$continuo" evaluate "$piano" --data data --shard 1/2 -o part.json --max-tokens 20
holds 'nothing is written of a refused part' test ! -e part.json
succeeds "$continuo" compose -m "$piano" --tokens 20 --cache fp32 --seed 1 -o short.mid
succeeds "$continuo" compose -m "$piano" --tokens 60 --temperature-of NoteOn=0.5,velocity=2 --typical 0.9 --seed 1 -o kinds.mid
fails "piano.safetensors: the model has no words of the kind 'pitch' to choose among; it has noteoff, noteon, timeshift, velocity$" \
  "$continuo" compose -m "$piano" --tokens 20 --temperature-of pitch=0.5 -o no.mid
for value in pitch pitch=11 =1; do
  fails '--temperature-of: must be kinds of words with temperatures from 0 to 10' \
    "$continuo" compose -m "$piano" --tokens 20 --temperature-of $value -o no.mid
done
"$continuo" convert "$(find "$corpus" -name '*.abc' | head -n 1)" a.mid >/dev/null
fails '--fill keeps the length of the primer' "$continuo" compose -m "$piano" --primer a.mid --fill 2-3 --bars 8 -o no.mid
fails '--best-of must be at least --variations$' "$continuo" compose -m "$piano" --tokens 20 --variations 3 --best-of 2 -o no.mid
succeeds "$continuo" compose -m "$piano" --tokens 40 --variations 2 --best-of 5 --seed 1 -o best.mid
says 'best-1.mid: .*--seed [1-5]; -[0-9.]+ nats per token$'
says '^the best of 5 different pieces, the best first: by how likely'
holds 'as many as are asked for' test -e best-2.mid -a ! -e best-3.mid
succeeds "$continuo" compose -m "$piano" --primer a.mid --tokens 40 --best-of 3 --seed 1 --json -o best.mid
says '"closeness":0\.'
says '"log_likelihood_per_token":-'
succeeds "$continuo" compose -m "$piano" --tokens 8 -t 0.000001 --variations 3 --seed 1 -o same.mid
explains 'only 1 of 3 variations differ, and no others are written'
tune=$corpus/ach_du_lieber_augustin.abc
fails 'augustin.abc: which track is the melody\? Choose it with --melody: 1 Melody, 2 Chords$' \
  "$continuo" compose harmonise "$tune" -m "$piano" --seed 1 -o no.mid
fails 'augustin.abc: --melody: no such track: 1 Melody, 2 Chords$' "$continuo" compose harmonise "$tune" --melody 3 -m "$piano" --seed 1 -o no.mid
fails 'piano.safetensors: a gpt2 model can only continue music; harmonising needs a bert model$' \
  "$continuo" compose harmonise "$tune" --melody 1 -m "$piano" --seed 1 -o no.mid
harmony=$corpus/../../models/harmony.safetensors
succeeds "$continuo" compose harmonise "$tune" --melody 1 -m "$harmony" --rounds 1 --refinements 0 --seed 1 -o hymn.mid
succeeds "$continuo" inspect hymn.mid
says 'track .*"Melody", 94 notes'
says 'track .*"Voice 4"'
holds 'what is refused is not written' test ! -e no.mid

finish
