#!/usr/bin/env bash
# From a folder of tunes to new music with each model, and the promises on the way: resuming is exact, composing does not
# depend on threads, a primer's own bars come back untouched, broken models are refused.
# Usage: whole_way.sh CONTINUO WORK_FOLDER
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../cli/harness.sh"
tunes=("$corpus"/*.abc)
tune=${tunes[0]}

holds 'continuo does not link libtorch' test -z "$(ldd "$continuo" | grep -i torch || true)"
"$continuo" convert "$tune" primer.mid >/dev/null
for tokenizer in remi note_chord performance; do
  succeeds "$continuo" dataset build "$corpus" -o "data-$tokenizer" --tokenizer "$tokenizer"
done

# train MODEL DATA RUN STEPS [MORE...]: a few steps of a small network. Replaces the shell: call it as (train ...).
train() {
  exec "$continuo" train --data "$2" --model "$1" --size tiny --max-steps "$4" --batch-size 4 --threads 1 --seed 3 -o "$3" "${@:5}"
}

train_to_end() { (train "$@"); }

# train_and_interrupt MODEL DATA RUN: sends Ctrl-C once a few steps are done.
train_and_interrupt() {
  train "$1" "$2" "$3" 24 >/dev/null 2>&1 &
  local trainer=$!
  for _ in $(seq 300); do
    [ -s "$3/metrics.csv" ] && [ "$(wc -l <"$3/metrics.csv")" -gt 5 ] && break
    sleep 0.02
  done
  kill -INT $trainer 2>/dev/null || true
  wait $trainer || bad "$1: an interrupted run does not end cleanly"
}

# same_weights MODEL MODEL: the data of both files; their headers have the time that training took.
same_weights() { cmp -s <(weights "$1") <(weights "$2"); }
weights() { tail -c "+$(($(od -An -tu8 -N8 "$1") + 9))" "$1"; }

for model in lstm gpt gpt2 bert; do
  data=data-remi
  [ "$model" = lstm ] && data=data-note_chord
  succeeds train_to_end "$model" "$data" "$model" 24
  for file in best.safetensors last.safetensors metrics.csv loss.png config.toml; do
    holds "$model: $file is there" test -s "$model/$file"
  done
  # interrupted somewhere and resumed: as if nothing had been
  train_and_interrupt "$model" "$data" "$model-halves"
  succeeds "$continuo" train --resume --threads 1 -o "$model-halves"
  holds "$model: a resumed run ends in the same weights" same_weights "$model/last.safetensors" "$model-halves/last.safetensors"
  holds "$model: a resumed run has the same losses" \
    diff <(cut -d, -f1-3,5 "$model/metrics.csv") <(cut -d, -f1-3,5 "$model-halves/metrics.csv")

  succeeds "$continuo" compose --model "$model/best.safetensors" --bars 4 --seed 9 --threads 1 -o "$model-1.mid"
  succeeds "$continuo" compose --model "$model/best.safetensors" --bars 4 --seed 9 --threads 2 -o "$model-2.mid"
  holds "$model: same seed, same bytes for 1 and 2 threads" cmp -s "$model-1.mid" "$model-2.mid"
  succeeds "$continuo" inspect "$model-1.mid"
  # many pieces at once are enough work for both threads, whatever the size of the model
  for threads in 1 2; do
    succeeds "$continuo" compose --model "$model/best.safetensors" --bars 2 --seed 9 --threads $threads --variations 6 \
      -o "$model-together-$threads.mid"
  done
  for number in 1 2 3 4 5 6; do
    holds "$model: variation $number has the same bytes for 1 and 2 threads" \
      cmp -s "$model-together-1-$number.mid" "$model-together-2-$number.mid"
  done
  succeeds "$continuo" compose --model "$model/best.safetensors" --primer primer.mid --tokens 64 --seed 1 -o "$model-longer.mid"
  succeeds "$(dirname "$continuo")/continuo_sampled_pieces" "$model/best.safetensors" 20
  succeeds "$continuo" evaluate --model "$model/best.safetensors" --data "$data" --split test --max-tokens 2000 --json
  says '"nll_nats_per_token"'
  if [ "$model" = bert ]; then says '"bits_per_note":null'; else says '"bits_per_note":[1-9]'; fi
  # the trainer's validation is what evaluate measures, masks included
  succeeds train_to_end "$model" "$data" "$model-validated" 4 --precision fp32 --json
  validated=$(grep -o '"best_validation_nll":[0-9.]*' "$work/stdout" | cut -d: -f2)
  draws=()
  [ "$model" = bert ] && draws=(--mask-draws 1)
  succeeds "$continuo" evaluate --model "$model-validated/best.safetensors" --data "$data" --split validation "${draws[@]}" --json
  measured=$(grep -o '"nll_nats_per_token":[0-9.]*' "$work/stdout" | cut -d: -f2)
  holds "$model: evaluate ($measured) agrees with the trainer ($validated)" \
    awk "BEGIN { exit !(($validated - $measured) ^ 2 < 1e-8) }"

  succeeds "$continuo" quantize --model "$model/best.safetensors" -o "$model-int8.safetensors" --data "$data" --json
  says '"nll_loss"'
  succeeds "$continuo" compose --model "$model-int8.safetensors" --bars 4 --threads 1 --seed 1 -o "$model-int8-1.mid"
  succeeds "$continuo" compose --model "$model-int8.safetensors" --bars 4 --threads 2 --seed 1 -o "$model-int8-2.mid"
  holds "$model in int8: same seed, same bytes for 1 and 2 threads" cmp -s "$model-int8-1.mid" "$model-int8-2.mid"
done

succeeds "$continuo" compose --model bert/best.safetensors --primer primer.mid --fill 2-3 --seed 1 -o filled.mid
succeeds "$continuo" dataset build "$corpus" -o data-grid --tokenizer chorale_grid
succeeds train_to_end bert data-grid bert-grid 4
succeeds "$continuo" compose --model bert-grid --primer primer.mid --fill 2-3 --seed 1 -o filled.mid
succeeds "$continuo" compose --model bert-grid --bars 2 --rounds 3 --refinements 1 --seed 1 -o new.mid
succeeds "$continuo" compose --model gpt2/best.safetensors --primer primer.mid --bars 4 --seed 3 --variations 3 -o ideas.mid
succeeds "$continuo" compose --model gpt2/best.safetensors --primer primer.mid --bars 4 --seed 5 -o alone.mid
holds 'a variation is what its seed writes alone' cmp -s ideas-3.mid alone.mid
fails 'gpt2/best.safetensors: .*rewriting bars needs a bert model, or one of bar_tracks' "$continuo" compose --model gpt2/best.safetensors --primer primer.mid --fill 2-3 -o no.mid
fails 'bars' "$continuo" compose --model bert/best.safetensors --primer primer.mid --fill 900-901 -o no.mid

# --- tracks of bars: gaps, new tracks, new bars, pieces for given instruments
succeeds "$continuo" dataset build "$corpus" -o data-tracks --tokenizer bar_tracks
succeeds train_to_end gpt2 data-tracks tracks 24
(train_and_interrupt gpt2 data-tracks tracks-halves)
succeeds "$continuo" train --resume --threads 1 -o tracks-halves
holds 'a resumed run rearranges the same windows' same_weights tracks/last.safetensors tracks-halves/last.safetensors
succeeds "$continuo" compose infill primer.mid --bars 2-3 --model tracks --seed 1 -o infilled.mid
succeeds "$continuo" compose infill primer.mid --bars 2-3 --keep rhythm --model tracks --seed 1 -o varied.mid
succeeds "$continuo" compose accompany primer.mid --add bass,drums --scale 'D dorian' --voices 1 --model tracks --seed 1 -o band.mid
says 'notes'
succeeds "$continuo" inspect band.mid
says 'track [0-9]+ +Fingered Electric Bass'
says 'track [0-9]+ +Drums'
succeeds "$continuo" compose --primer primer.mid --bars 4 --ending --model tracks --seed 1 -o ended.mid
succeeds "$continuo" compose --instruments 'piano, 33' --bars 4 --meter 3/4 --tempo 90 --model tracks --seed 1 -o new-band.mid
succeeds "$continuo" inspect new-band.mid
says 'tempo +90'
says 'meter +3/4'
succeeds "$continuo" evaluate --model tracks --data data-tracks --split train --gaps 1 --json
says '"nll_between_both":[0-9]'
printf 'X:1\nM:9/8\nL:1/8\nK:C\nCDE FGA Bcd|cBA GFE DCB,|\nw: one two three four five six seven eight nine\nCDE FGA Bcd|c9|\n' >sung.abc
succeeds "$continuo" compose infill sung.abc --bars 2 --model tracks --seed 1 -o sung.mid
holds 'words that are sung stay, in a meter that the model does not know' grep -qa seven sung.mid
fails 'at temperature 0 all variations are the same' "$continuo" compose --model tracks --bars 2 -t 0 --variations 2 -o no.mid
fails "--add: there is no instrument 'kazoo'" "$continuo" compose accompany primer.mid --add kazoo --model tracks --seed 1 -o no.mid
fails 'gpt2/best.safetensors: .*cannot be asked for instruments; a causal model of bar_tracks can' \
  "$continuo" compose accompany primer.mid --add bass --model gpt2 --seed 1 -o no.mid
fails "primer.mid: --tracks: there is no track '9': 1 " \
  "$continuo" compose infill primer.mid --bars 1 --tracks 9 --model tracks --seed 1 -o no.mid
fails '--strength is for --keep rhythm' "$continuo" compose infill primer.mid --bars 1 --strength 0.5 --model tracks --seed 1 -o no.mid
fails '--task-share needs a data set of the tokenizer bar_tracks' train_to_end gpt2 data-remi no-run 2 --task-share 0.5

# --- a run's folder is its best model
succeeds "$continuo" compose --model gpt2 --bars 4 --seed 9 --threads 1 -o of-a-run.mid
holds 'a run plays its best model' cmp -s of-a-run.mid gpt2-1.mid
succeeds "$continuo" evaluate --model gpt2 --data data-remi --max-tokens 1000
says '^bits per note +[1-9][0-9.]*$'
succeeds "$continuo" bench generate --model gpt2 --seconds 0
fails 'lstm: --cache is an option of Transformers' "$continuo" bench generate --model lstm --cache int8 --seconds 0
fails 'resume.safetensors: this is a training state; use best.safetensors' \
  "$continuo" compose --model gpt2/resume.safetensors -o no.mid

# --- the models that are shipped compose
for model in "$(dirname "${BASH_SOURCE[0]}")"/../../models/*.safetensors; do
  succeeds "$continuo" compose --model "$model" --seconds 10 --seed 1 -o shipped.mid
  succeeds "$continuo" inspect shipped.mid
  says '[0-9]+ notes'
done

# --- they have names, and what is asked for finds its model
succeeds "$continuo" models
says '^band +gpt2 +bar_tracks'
says '^harmony +bert'
succeeds "$continuo" info chorale
says 'chorale_grid'
succeeds "$continuo" compose --model drums --bars 2 --seed 1 -o named.mid
succeeds "$continuo" compose --instruments piano,bass --bars 2 --seed 1 -o fitting.mid
explains 'composed with .*band.safetensors'
fails 'no such file, and no model of this name comes with Continuo \(band, folk, piano' "$continuo" compose --model bnad -o no.mid
mkdir band
succeeds "$continuo" compose --instruments piano --bars 1 --seed 1 -o beside-a-folder.mid
succeeds "$continuo" compose --model band --instruments piano --bars 1 --seed 1 -o beside-a-folder.mid
rmdir band
fails 'the model band, which comes with Continuo, is not in /nonexistent; --model names another' \
  env CONTINUO_MODELS=/nonexistent "$continuo" compose --bars 1 -o no.mid
misuse "$continuo" compose --model '' --bars 1 -o no.mid
explains '--model: must not be empty'
fails 'nowhere/band: cannot be opened' "$continuo" compose --model nowhere/band -o no.mid
succeeds env CONTINUO_MODELS=gpt2 "$continuo" models
says '^best +gpt2 +remi'
fails 'mine-too: no such folder of models' "$continuo" models mine-too

# --- what is asked of the shipped band
succeeds "$continuo" compose accompany sung.abc --add piano --chords auto --seed 1 -o with-chords.mid
succeeds "$continuo" inspect with-chords.mid
says 'piano|Piano'
succeeds "$continuo" compose arrange sung.abc --for flute,strings,bass --seed 1 -o arranged.mid
succeeds "$continuo" inspect arranged.mid
says 'track [0-9]+ +Flute'
says 'track [0-9]+ +.*Bass'
fails '--for: needs at least two instruments' "$continuo" compose arrange sung.abc --for flute -o no.mid
fails '--melody' "$continuo" compose arrange sung.abc --for flute,bass --melody 9 -o no.mid
fails 'drums play no melody' "$continuo" compose arrange sung.abc --for drums,bass -o no.mid
succeeds "$continuo" compose perform sung.abc --seed 1 -o played.mid
succeeds "$continuo" inspect played.mid
fails 'a causal model of performance can' "$continuo" compose perform sung.abc --model drums -o no.mid
succeeds "$continuo" compose variation sung.abc --keep pitches --seed 1 -o other-rhythm.mid
succeeds "$continuo" compose variation sung.abc --strength 0.5 --seed 1 -o other-pitches.mid
succeeds "$continuo" compose variation sung.abc --strength 0 --seed 1 -o same.mid
explains 'nothing has changed'
succeeds "$continuo" compose infill sung.abc --bars 1 --lock C3-C5 --seed 1 -o locked.mid
fails '--lock: must be pitches or ranges of them' "$continuo" compose infill sung.abc --bars 1 --lock H2 -o no.mid
fails 'leave no choice of a range' "$continuo" compose variation sung.abc --keep pitches --range C3-C4 -o no.mid
fails 'the model has learned no chords' "$continuo" compose infill primer.mid --bars 1 --chords auto --model tracks -o no.mid
succeeds "$continuo" compose humanise named.mid --model drums --seed 1 -o played.mid
fails 'the tokenisation bar_tracks has no words for the loudness' "$continuo" compose humanise named.mid --model band -o no.mid
printf 'X:1\nM:4/4\nL:1/8\nK:C\nCEGc BdgD|FAcf eGBE|DFAd cegC|FcAf G4|\n' >hop.abc
succeeds "$continuo" originality build hop.abc -o known.index
succeeds "$continuo" originality check hop.abc --index known.index --least 12
says '1 of 1 piece with passages'
succeeds "$continuo" originality build hop.abc --shard 1/1 -o shard.index
succeeds "$continuo" originality merge shard.index -o merged.index
holds 'a shard of one is the index' cmp known.index merged.index
fails 'no index of originality' "$continuo" originality check hop.abc --index hop.abc
fails 'written over music that it is made of' "$continuo" originality build hop.abc -o hop.abc
succeeds "$continuo" originality build hop.abc hop.abc --shard 1/2 -o shard.index
fails 'shard.index: this is one of several shards' "$continuo" originality check hop.abc --index shard.index
succeeds "$continuo" compose --instruments piano --bars 2 --original 20 --seed 1 -o original.mid
succeeds "$continuo" compose --instruments piano --bars 2 --original 20 --index known.index --seed 1 -o original.mid
succeeds "$continuo" compose beat sung.abc --seed 1 -o beat.mid
succeeds "$continuo" inspect beat.mid
fails 'a causal model of drum_grid can' "$continuo" compose beat sung.abc --model drums -o no.mid
succeeds "$continuo" compose --instruments piano,bass --bars 2 --swing 66.7 --velocity 40-90 --seed 1 -o swung.mid
fails '--velocity: must be two velocities' "$continuo" compose --instruments piano --bars 2 --velocity 90-40 -o no.mid
fails 'swing: music in clock time has no eighths' "$continuo" compose --model piano --seconds 2 --swing 60 -o no.mid
fails 'cannot limit silences' "$continuo" compose --model band --bars 2 --longest-silence 1 -o no.mid

# --- progress for programs
succeeds train_to_end gpt2 data-remi gpt2-events 4 --progress json
holds 'training writes events and nothing else' \
  test -z "$(grep -Ev '^\{.*"event":"(progress|end|note)".*\}$' "$work/stderr" || true)"
holds 'training says how far it is' grep -q '"done":4,.*"event":"end","job":"gpt2".*"total":4' "$work/stderr"
succeeds "$continuo" compose --model gpt2 --bars 2 --seed 1 -o no-matter.mid --progress json
holds 'composing writes events' grep -q '"event":"end","job":"composing"' "$work/stderr"
"$continuo" train --config gpt2/config.toml --max-steps 2 --replace -o from-a-file >/dev/null 2>&1
holds 'a run repeats with the options of another' test "$(grep -c . from-a-file/metrics.csv)" -eq 3

# --- fine-tuning takes the tokenizer of the model
mkdir -p mine
cp "${tunes[@]:0:8}" mine/
succeeds "$continuo" tokenizer make tsd --velocities 8 -o tsd.json
succeeds "$continuo" dataset build "$corpus" -o data-tsd --tokenizer tsd.json
succeeds train_to_end gpt data-tsd tsd-run 2
tune_model() { exec "$continuo" train --init-from tsd-run --data mine --max-steps 1 --threads 1 "$@"; }
succeeds eval '(tune_model -o tuned)'
holds 'the tuned model has the tokenizer of the model' diff <(grep -o '"tokenizer":{.*' data-tsd/manifest.json) <(grep -o '"tokenizer":{.*' tuned/data/manifest.json)
succeeds eval '(tune_model -o tuned-2 --tokenizer tsd.json)'
fails '--tokenizer is remi, but the model that training starts from has tsd: leave --tokenizer out' \
  "$continuo" train --init-from tsd-run --data mine --tokenizer remi -o no-run
# with other options of its tokenizer, the words that both have are taken over
succeeds eval '(tune_model -o tuned-3 --tokenizer tsd)'
explains 'words copied by name'

# --- options that would have no effect
fails 'data-remi: --tokenizer is tsd, but the data set has remi: leave --tokenizer out$' \
  "$continuo" train --data data-remi --tokenizer tsd -o no-run
fails '--tokenizer is tsd, but the data set has remi' "$continuo" train --data data-remi --tokenizer tsd --dry-run -o no-run
fails '--tokenizer is tsd, but the data set has remi' "$continuo" train --resume --tokenizer tsd -o gpt2
succeeds train_to_end gpt data-note_chord same-words 1 --tokenizer note_chord
fails '--seed is 4, but the run has 3, which resuming cannot change: leave it out$' "$continuo" train --resume --seed 4 -o gpt2
fails '--weight-decay is 0.5, but the run has 0.05' "$continuo" train --resume --weight-decay 0.5 -o gpt2
succeeds "$continuo" train --resume --seed 3 --max-steps 25 --threads 1 --validation-every-steps 5 -o gpt2
sed -i 's/^batch_size = 4$/batch_size = 5/' gpt2/config.toml
fails 'gpt2/config.toml: batch_size is 5, but the run has 4, which resuming cannot change' "$continuo" train --resume -o gpt2
sed -i 's/^batch_size = 5$/batch_size = 4/; s/^max_steps = 25$/max_steps = 26/' gpt2/config.toml
succeeds "$continuo" train --resume --threads 1 -o gpt2 --json
says '"steps":26'
fails 'final_learning_rate: the schedule one_cycle does not use it' \
  "$continuo" train --data data-remi --schedule one_cycle --final-learning-rate 0.1 -o no-run
fails '--cache is an option of Transformers, and this model is lstm' "$continuo" compose --model lstm --cache int8 -o no.mid

# --- refused
fails 'gpt2: already contains a run; use --resume or --replace' "$continuo" train --data data-remi --model gpt2 -o gpt2
fails 'no-run: no run to resume' "$continuo" train --resume -o no-run
misuse "$continuo" train --data data-remi -o no-run --kernels wrong
explains "^continuo: error: --kernels: 'wrong' is none of fused, plain$"
misuse "$continuo" train --data data-remi -o no-run --threads wrong
explains "^continuo: error: --threads: 'wrong' is not a whole number$"
fails 'different tokenizers' "$continuo" quantize --model gpt2 --data data-performance -o not-written.safetensors
holds 'quantize checks the data first' test ! -e not-written.safetensors
head -c 3000 gpt2/best.safetensors >cut.safetensors
fails 'cut.safetensors: ' "$continuo" compose --model cut.safetensors -o no.mid
fails 'bench|bidirectional' "$continuo" bench generate --model bert/best.safetensors --seconds 0
fails 'data-performance|another tokenisation' "$continuo" evaluate --model gpt2/best.safetensors --data data-performance
printf 'MThd\0\0\0\6\0\1\0\1\1\340MTrk\0\0\0\14\0\220\0\100\140\200\0\100\0\377\57\0' >lowest.mid
fails 'lowest.mid: .*vocabulary' "$continuo" compose --model lstm/best.safetensors --primer lowest.mid -o no.mid
fails 'missing' "$continuo" train --data missing --model gpt2 -o no-run
fails 'resume' "$continuo" train --data data-remi --model gpt2 --resume -o no-run
misuse "$continuo" train --data data-remi --model nonsense -o no-run
holds 'refused training leaves nothing' test ! -e no-run

# --- Ctrl-C saves
"$continuo" train --data data-remi --model gpt2 --size tiny --max-minutes 5 --batch-size 4 --threads 1 -o stopped >stdout 2>stderr &
trainer=$!
for _ in $(seq 100); do
  [ -s stopped/metrics.csv ] && [ "$(wc -l <stopped/metrics.csv)" -gt 3 ] && break
  sleep 0.2
done
kill -INT $trainer
wait $trainer && holds 'an interrupted run ends cleanly' true || holds 'an interrupted run ends cleanly' false
holds 'an interrupted run has a checkpoint' test -s stopped/last.safetensors
succeeds "$continuo" compose --model stopped/last.safetensors --bars 2 --seed 1 -o stopped.mid

finish
