#!/usr/bin/env bash
# What music shares, by an index, by a sketch, and by the sketch that a model carries. Usage: originality.sh CONTINUO WORK_FOLDER
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

models=$corpus/../../models
tune=$corpus/adeste_fideles.abc

succeeds "$continuo" originality build "$corpus" -o all.index
succeeds "$continuo" originality build "$corpus" --sketch -o all.sketch
holds 'a sketch is much smaller than the index' [ "$(stat -c %s all.sketch)" -lt "$(($(stat -c %s all.index) / 5))" ]
succeeds "$continuo" originality check "$tune" --index all.index --json
says '"sources":\[\{"longest"'
succeeds "$continuo" originality check "$tune" --index all.sketch
says '^piece .*longest, at least$'
says '^1 of 1 piece with passages of 16 notes and more that the sketch has'
succeeds "$continuo" originality check "$tune" --index all.sketch --json
says '"longest":[1-9][0-9]'
fails '--sketch is made of all music at once' "$continuo" originality build "$corpus" --sketch --shard 1/2 -o no.sketch
head -c 12 all.sketch >short.sketch
fails 'short.sketch: the sketch ends within its header' "$continuo" originality check "$tune" --index short.sketch
head -c 1000 all.sketch >broken.sketch
fails 'broken.sketch: the sketch is damaged' "$continuo" originality check "$tune" --index broken.sketch

# What the shipped models carry.
for model in piano chorale chorale_lstm folk band harmony; do
  succeeds "$continuo" originality check "$tune" --index "$models/$model.sketch"
done
succeeds "$continuo" compose -m "$models/folk.safetensors" --instruments violin --bars 4 --original 20 --seed 1 -o new.mid
succeeds "$continuo" originality check new.mid --index "$models/folk.sketch"
says '^0 of 1 piece'
succeeds "$continuo" originality check new.mid --index folk
explains 'of passages below 20 notes a sketch finds some'
fails '--original: a sketch finds passages of 20 notes and more' \
  "$continuo" compose -m "$models/folk.safetensors" --instruments violin --bars 4 --original 16 -o no.mid
fails 'drums.safetensors: carries no sketch of what it has learned from \(drums.sketch\)' \
  "$continuo" compose -m "$models/drums.safetensors" --bars 4 --original 20 -o no.mid
fails '--index is what --original looks in' \
  "$continuo" compose -m "$models/folk.safetensors" --instruments violin --bars 4 --index all.index -o no.mid
# All of a piece that is known is refused, whether by an index or a sketch.
for known in all.index all.sketch; do
  succeeds "$continuo" compose -m "$models/folk.safetensors" --instruments violin --bars 4 --original 20 --index $known --seed 1 -o new.mid
done
finish
