#!/usr/bin/env bash
# The command line as a user meets it: what works, and how it refuses. Usage: cases.sh CONTINUO WORK_FOLDER
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
# All of the list is read, so that no writer of the pipe is left without a reader.
# shellcheck disable=SC2312
tune=$(find "$corpus" -name '*.abc' | sort | sed -n 1p)

# --- usage
succeeds "$continuo" --help
says 'compose'
succeeds "$continuo" --version
misuse "$continuo"
misuse "$continuo" sing
succeeds "$continuo" help
says 'compose'
succeeds "$continuo" help compose
says 'Usage: continuo compose'
succeeds "$continuo" help dataset
says 'dataset build'
for group in dataset tokenizer bench; do
  misuse "$continuo" $group
  explains "$group "
done
misuse "$continuo" comopse
explains 'did you mean compose\?'
misuse "$continuo" dataset biuld
explains 'did you mean dataset build\?'
misuse "$continuo" compose --modle x -o y.mid
explains 'no option --modle; did you mean --model\?'
misuse "$continuo" compose -m x -o y.mid --top-p 0
explains '--top-p: must be from 0.001 to 1$'
misuse "$continuo" compose -m x -o y.mid --typical 0
misuse "$continuo" compose -m x -o y.mid --threads wrong
explains "^continuo: error: --threads: 'wrong' is not a whole number$"
misuse "$continuo" compose -m x -o y.mid --cache wrong
explains "^continuo: error: --cache: 'wrong' is none of fp32, bf16, int8$"
misuse "$continuo" compose one two -m x -o y.mid
explains "unexpected: 'one', 'two'$"
for command in inspect convert tokenize detokenize 'tokenizer make' 'tokenizer train' 'dataset build' 'dataset merge' 'dataset list' \
  'dataset get' 'dataset stats' 'dataset verify' compose evaluate quantize render 'bench generate'; do
  # shellcheck disable=SC2086
  succeeds "$continuo" $command --help
  says '--json'
  says '--seed N'
  says '--threads N'
  # shellcheck disable=SC2086
  misuse "$continuo" $command --no-such-option
done
misuse "$continuo" compose --model x
misuse "$continuo" compose --model x -o y.mid --temperature -1

# No line of help is wider than 100 columns, and none is a fragment of the old kind.
"$continuo" --reference >reference.md
holds 'help is at most 100 columns wide' test -z "$(awk 'length > 100' reference.md)"
holds 'help says what options are' test -z "$(grep -E ' (Of|At its|Where) |Spell|again$' reference.md | grep -Ev 'Of (a|the) ' || true)"
printf 'top_p = 2\n' >bad.toml
misuse "$continuo" compose -m x -o y.mid --config bad.toml
explains 'bad.toml: top_p: must be from 0.001 to 1, line 1$'

# --- reading and writing
succeeds "$continuo" convert "$tune" a.mid
succeeds "$continuo" inspect a.mid
says 'notes'
succeeds "$continuo" inspect a.mid "$tune" --json
says '^\{.*"pieces":\[.*\]\}$'
printf 'X:1\nL:1/4\nK:Eb\nCEGc|EGBe|\n' >melody.abc
succeeds "$continuo" inspect melody.abc
says 'key +Eb major'
holds 'a bare melody has no chords' test -z "$(grep chords stdout)"
printf 'MThd\0\0\0\6\0\0\0\1\1\340MTrk\0\0\0\15\0\231\44\100\203\140\231\44\0\0\377\57\0' >drums.mid
succeeds "$continuo" inspect drums.mid
says 'Drums, 1 note, Bass drum 1$'
succeeds "$continuo" inspect --statistics drums.mid
says 'pitch_mean +-$'
succeeds "$continuo" convert a.mid b.mid
holds 'MIDI written twice is the same file' cmp -s a.mid b.mid
tokenizers="remi remi_plus midi_like tsd structured cp_word octuple mumidi mmm per_tok performance note_chord autobot"
# shellcheck disable=SC2086
for tokenizer in $tokenizers chorale_grid drum_grid arrival_time timed_notes abc_char; do
  succeeds "$continuo" tokenize a.mid --tokenizer "$tokenizer" -o "$tokenizer.json"
  succeeds "$continuo" detokenize "$tokenizer.json" -o "$tokenizer.mid"
  succeeds "$continuo" tokenize "$tokenizer.mid" --tokenizer "$tokenizer" -o "$tokenizer-again.json"
  succeeds "$continuo" detokenize "$tokenizer-again.json" -o "$tokenizer-again.mid"
  holds "$tokenizer: a second way through changes nothing" cmp -s "$tokenizer.mid" "$tokenizer-again.mid"
done
succeeds "$continuo" tokenizer train "$corpus" --tokenizer tsd --words 900 -o bpe.json
succeeds "$continuo" tokenizer train "$corpus" --tokenizer tsd --subwords unigram --split beat --words 900 -o unigram.json
for tokenizer in bpe unigram; do
  succeeds "$continuo" tokenize a.mid --tokenizer "$tokenizer.json" -o "$tokenizer-tokens.json"
  succeeds "$continuo" detokenize "$tokenizer-tokens.json" -o "$tokenizer.mid"
  holds "subwords ($tokenizer) decode to what their base words do" cmp -s "$tokenizer.mid" tsd.mid
done
succeeds "$continuo" tokenizer make tsd --grid 0-2:12,2-8:6 --rests 0-1:4,1-8:2 --velocities 16 --with keys,pedals \
  --without programs --pitches 21-108 --meters 4/4,3/4,6/8,2/4 --tempos 30-240:40 --log-tempos --pitch-bends 16 -o made.json
succeeds "$continuo" tokenize a.mid --tokenizer made.json
says 'Rest_|TimeShift_[0-9]*\.[0-9]*\.12'
succeeds "$continuo" tokenizer make made.json --with chords -o chords.json
succeeds "$continuo" tokenize a.mid --tokenizer chords.json
says 'KeySig_'
succeeds "$continuo" tokenizer make remi --positions 24 -o fine.json --json
says '"words":'
fails '--with: structured cannot use this value of .keys' "$continuo" tokenizer make structured --with keys -o no.json
fails '--velocities: remi does not have this option' "$continuo" tokenizer make remi --velocities 8 -o no.json
fails '--grid: .0-4. is not of the form' "$continuo" tokenizer make tsd --grid 0-4 -o no.json
fails 'resolutions' "$continuo" tokenizer make tsd --grid 1-4:8 -o no.json
fails 'note_chord has a vocabulary learned from data' "$continuo" tokenizer make note_chord -o no.json
fails 'mozart' "$continuo" tokenizer make mozart -o no.json
fails 'missing.json: .*no such file' "$continuo" tokenize a.mid --tokenizer missing.json
fails 'subwords already' "$continuo" tokenizer train "$corpus" --tokenizer bpe.json -o no.json
holds 'nothing is left of tokenizers that cannot be' test ! -e no.json
# --- folders, data sets and standard input
mkdir -p tree/sub
cp a.mid tree/a.mid
cp "$tune" tree/sub/tune.abc
succeeds "$continuo" inspect tree --json
says '"tree/a.mid".*"tree/sub/tune.abc"'
succeeds "$continuo" inspect --statistics tree
says 'statistics of 2 pieces'
for file in a.mid "$tune"; do
  code=0
  "$continuo" inspect - <"$file" >stdout 2>stderr || code=$?
  holds "standard input is read: $file" test $code -eq 0
  holds "standard input is named: $file" grep -q '^standard input' stdout
done
fails 'standard input: is empty' "$continuo" inspect -
succeeds "$continuo" convert a.mid slow.mid --tempo 50% --transpose 12 --quantise 4
succeeds "$continuo" convert slow.mid fast.mid --tempo 200% --transpose -12
succeeds "$continuo" convert a.mid grid.mid --quantise 4
holds 'what is changed and changed back is as before' cmp -s fast.mid grid.mid
succeeds "$continuo" convert a.mid timed.mid --tempo 77
succeeds "$continuo" inspect timed.mid
says 'tempo +77'
fails '--tempo: must be quarters per minute or a percentage' "$continuo" convert a.mid no.mid --tempo fast
fails 'a.mid: transposing by -100 semitones would leave' "$continuo" convert a.mid no.mid --transpose -100
succeeds "$continuo" convert tree -o flat
holds 'a folder is converted with its tree' test -s flat/a.mid -a -s flat/sub/tune.mid
holds 'a folder is converted as its files are' cmp -s flat/a.mid <("$continuo" convert a.mid c.mid >/dev/null && cat c.mid)
succeeds "$continuo" convert tree pictures --to svg
holds 'a folder becomes pictures' test -s pictures/a.svg
cp text.mid tree/ 2>/dev/null || printf 'this is not music' >tree/text.mid
succeeds "$continuo" convert tree -o partly
holds 'files that cannot be converted are named' grep -q 'not converted: tree/text.mid' "$work/stderr"
misuse "$continuo" convert tree -o flat --to xyz
fails 'missing: OUT' "$continuo" convert a.mid
fails 'a.pdf: cannot write .pdf .known: .*.mid .*.svg' "$continuo" convert a.mid a.pdf
fails 'a.mp3: cannot write .mp3 .known: .wav .png .svg' "$continuo" render a.mid -o a.mp3

# --- progress for programs
"$continuo" dataset build "$corpus" -o progress --progress json >/dev/null 2>progress.jsonl
holds 'progress is written as JSON lines' test -z "$(grep -Ev '^\{.*"event":"(progress|end|note)".*\}$' progress.jsonl || true)"
holds 'the end is an event' grep -q '"event":"end"' progress.jsonl
"$continuo" dataset build "$work/missing" -o no --progress json >/dev/null 2>progress.jsonl || true
holds 'a failure is an event' grep -q '"code":"not_found".*"event":"error"' progress.jsonl
succeeds "$continuo" render a.mid -o a.png
succeeds "$continuo" render a.mid -o a.svg
if [ -n "$(find /usr/share/sounds /usr/share/soundfonts -name '*.sf[23]' 2>/dev/null)" ]; then
  succeeds "$continuo" render a.mid -o a.wav
  printf 'MThd\0\0\0\6\0\0\0\1\1\340MTrk\0\0\0\14\0\220\74\100\140\200\74\60\0\377\57\0' >release.mid
  succeeds "$continuo" convert release.mid again.wav
  holds 'a conversion warns of release velocities that sound has none of' grep -q '1 release velocity left out' stderr
else
  echo 'skipped: no SoundFont on this system, so no .wav'
fi

# --- what a score has no place for, and what readers leave out
printf 'MThd\0\0\0\6\0\0\0\1\1\340MTrk\0\0\0\27\0\377\5\2la\0\220\74\100\203\140\200\74\100\0\200\74\100\0\377\57\0' >lyrics.mid
succeeds "$continuo" convert lyrics.mid again.mid
holds 'a conversion warns of what was read around' grep -q 'warning: lyrics.mid: .*a note ends that did not start' stderr
holds 'lyrics survive a conversion' grep -aq 'la' again.mid
succeeds "$continuo" convert lyrics.mid again.svg
holds 'a conversion warns of what the target cannot keep' grep -q '1 lyric left out' stderr
printf 'X:1\nL:1/4\nK:C\nCDEF|\nw: syl-la-ble\n' >sung.abc
succeeds "$continuo" convert sung.abc sung.mid
holds 'lyrics of ABC are written to MIDI' grep -aq 'ble ' sung.mid
succeeds "$continuo" convert sung.abc sung.svg
holds 'a conversion warns of lyrics that a picture cannot keep' grep -q '3 lyrics left out' stderr
succeeds "$continuo" inspect lyrics.mid
says 'a note ends that did not start'
succeeds "$continuo" inspect lyrics.mid --json
says '"kind":"damage"'
cp "$tune" tune.txt
succeeds "$continuo" inspect tune.txt

# --- input that is not what it should be
: >empty.mid
printf 'this is not music' >text.mid
head -c 40 a.mid >truncated.mid
printf 'MThd\0\0\0\6\0\1\0\1\1\340MTrk\0\0\0\4\0\377\57\0' >noteless.mid
truncate -s 200M enormous.mid
mkdir -p folder.mid nothing rubbish
cp text.mid empty.mid rubbish/
fails 'missing.mid: .*no such file' "$continuo" inspect missing.mid
fails 'empty.mid: ' "$continuo" inspect empty.mid
fails 'text.mid: ' "$continuo" inspect text.mid
fails 'enormous.mid: .*larger' "$continuo" inspect enormous.mid
fails 'folder.mid: ' "$continuo" inspect folder.mid
fails 'a.xyz: ' "$continuo" convert a.mid a.xyz
fails 'noteless.mid: .*note' "$continuo" tokenize noteless.mid
fails 'note' "$continuo" render noteless.mid -o no.png
fails 'text.mid: ' "$continuo" detokenize text.mid -o no.mid
fails 'nothing' "$continuo" dataset build nothing -o no
fails 'rubbish' "$continuo" dataset build rubbish -o no
fails 'missing' "$continuo" dataset build missing -o no
holds 'a failed build leaves nothing' test ! -e no
succeeds "$continuo" inspect noteless.mid
run "$continuo" inspect truncated.mid
holds "a truncated file gives what it holds or one line" test $code -le 1

# --- output that cannot be written
printf 'precious' >keep.mid
fails 'no/such/folder' "$continuo" convert a.mid no/such/folder/b.mid
fails 'folder.mid' "$continuo" convert a.mid folder.mid
fails 'keep.mid|text.mid' "$continuo" convert text.mid keep.mid
holds 'a failed conversion keeps the old file' grep -q precious keep.mid
mkdir -p mine
printf 'my thesis' >mine/thesis.txt
fails 'mine' "$continuo" dataset build "$corpus" -o mine
holds "somebody's folder is not replaced" grep -q thesis mine/thesis.txt

# --- a full disk, where we may make a small one
if [ "$(id -u)" -eq 0 ] && mkdir -p disk && mount -t tmpfs -o size=64k tmpfs disk 2>/dev/null; then
  fails 'disk/.*no space|disk/.*full' "$continuo" render a.mid -o disk/a.svg --width 20000
  fails 'disk.*no space|disk.*full' "$continuo" dataset build "$corpus" -o disk/data
  holds 'a full disk keeps no half files' test -z "$(ls -A disk)"
  umount disk
else
  echo 'skipped: not allowed to mount a small disk to fill'
fi

# --- data sets
succeeds "$continuo" dataset build "$corpus" -o data --tokenizer remi --json
says '"rejected":\{'
succeeds "$continuo" dataset build "$corpus" -o data --tokenizer remi
says 'data: .*already complete'
fails 'data: already contains a data set built with remi; use --replace' \
  "$continuo" dataset build "$corpus" -o data --tokenizer performance
succeeds "$continuo" dataset build "$corpus" -o split --split 60/20/20
holds 'the manifest has the shares' grep -q 'by content hash, 60/20/20' split/manifest.json
fails 'sum to 100' "$continuo" dataset build "$corpus" -o no --split 60/20/30
mkdir -p jsb
printf '{"train": [[[60,55,52,48],[62,55,53,50],[64,60,55,48]]], "valid": [[[60,55,52,48]]], "test": [[[60,55,52,48]]]}' >jsb/Jsb16thSeparated.json
succeeds "$continuo" tokenizer train jsb -o jsb.json --tokenizer tsd --words 673
succeeds "$continuo" inspect jsb
says 'jsb/Jsb16thSeparated.json/train'
mkdir -p silence
fails 'silence: contains no music' "$continuo" dataset stats silence
fails 'silence: there is nothing to learn' "$continuo" tokenizer train silence -o no.json
for i in 1 2 3; do succeeds "$continuo" dataset build "$corpus" -o parts --tokenizer remi --shard $i/3; done
fails 'shard' "$continuo" dataset build "$corpus" -o parts --shard 4/3
succeeds "$continuo" dataset merge parts -o merged
holds 'merged shards are the build of one process' diff -r data merged
rm parts/shard-00001-of-00003.pieces
fails 'lacks 1 of 3 shards: 2' "$continuo" dataset merge parts -o again
fails 'rubbish.*no shard' "$continuo" dataset merge rubbish -o again
succeeds "$continuo" dataset build "$corpus" -o one --threads 1
succeeds "$continuo" dataset build "$corpus" -o two --threads 2
holds 'a data set does not depend on the number of threads' diff -r one two
succeeds "$continuo" dataset build "$corpus" -o subwords --tokenizer bpe.json
succeeds "$continuo" tokenizer train one --words 700 -o of-a-set.json
succeeds "$continuo" dataset verify one
succeeds "$continuo" dataset stats one --json
says '"train":'
succeeds "$continuo" dataset stats "$corpus"
succeeds "$continuo" inspect --statistics one
says 'statistics of [0-9]+ pieces'
succeeds "$continuo" convert one -o decoded
printf 'x' >>one/test.tokens
fails 'one/test.tokens' "$continuo" dataset verify one
succeeds "$continuo" dataset list
says 'maestro'
fails 'polka: .*catalogue' "$continuo" dataset get polka -o got
fails '127.0.0.1:1.*cannot be reached' "$continuo" dataset get groove -o got --mirror http://127.0.0.1:1
fails 'gigamidi cannot be downloaded' "$continuo" dataset get gigamidi -o got
ls "$corpus"/*.abc >list.txt
succeeds "$continuo" dataset build list.txt -o listed

# --- models
printf 'not a model' >bad.safetensors
fails 'missing.safetensors: ' "$continuo" compose --model missing.safetensors -o no.mid
fails 'bad.safetensors: ' "$continuo" compose --model bad.safetensors -o no.mid
fails 'bad.safetensors: ' "$continuo" evaluate --model bad.safetensors --data data
fails 'a.mid: ' "$continuo" compose --model a.mid -o no.mid
mkdir -p empty-run
fails 'empty-run: no model' "$continuo" compose --model empty-run -o no.mid
mkdir -p a-run && cp bad.safetensors a-run/best.safetensors
fails 'a-run/best.safetensors: ' "$continuo" compose --model a-run -o no.mid
fails 'bad.safetensors: ' "$continuo" quantize --model bad.safetensors -o no.safetensors
fails 'bad.safetensors: ' "$continuo" bench generate --model bad.safetensors
misuse "$continuo" quantize --model bad.safetensors -o no.safetensors --precision int3
succeeds "$continuo" bench generate --model small --seconds 0 --precision int8 --streams 3 --threads 1 --json
says '"bound_share"'
succeeds "$continuo" bench generate --model lstm --seconds 0 --precision int8 --busy 1
says 'beside 1 busy process:'
says 'machine +(quiet|other programs|load unknown)'
misuse "$continuo" bench generate --model lstm --busy 65

finish
