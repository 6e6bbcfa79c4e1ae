#!/usr/bin/env bash
# What somebody tries who has not read the manual: folders of all sorts of files, lists, and commands that are not quite
# right. Each is refused in one line that names the option or file. Usage: first_use.sh CONTINUO WORK_FOLDER
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
# All of the list is read, so that no writer of the pipe is left without a reader.
# shellcheck disable=SC2312
tune=$(find "$corpus" -name '*.abc' | sort | sed -n 1p)
"$continuo" convert "$tune" a.mid >/dev/null

# notes PATTERN: a line of the last command's stderr that begins with "continuo: note: ".
notes() { explains "^continuo: note: $1"; }
# refuses PATTERN ARGUMENTS...: misuse, which an error line that matches explains.
refuses() {
  local pattern=$1
  shift
  misuse "$continuo" "$@"
  explains "^continuo: error: $pattern"
}

# --- version
succeeds "$continuo" --version
says '^continuo [0-9]+\.[0-9]+\.[0-9]+$'
says '^  commit +([0-9a-f]{12}(-dirty)?|unknown)$'
says '^  compiler +[A-Za-z]+ [0-9.]+$'
says '^  build type +[A-Za-z]+$'
says '^  instruction set +([a-z0-9_]+) \(available: (.*, )?\1(, .*)?\)$'
run env CONTINUO_ISA=scalar "$continuo" --version
says '^  instruction set +scalar \(available: scalar'
trainer=$(dirname "$continuo")/continuo-train
if [ -x "$trainer" ]; then
  succeeds "$trainer" --version
  says '^  libtorch +[0-9]+\.[0-9]+'
fi

# --- folders of all sorts of files
mkdir -p mixed/sub text
cp a.mid mixed/
cp "$tune" mixed/sub/tune.abc
printf 'some notes to myself' >mixed/notes.txt
printf '%%PDF' >mixed/score.pdf
printf '<a/>' >mixed/page.xml
cp a.mid mixed/no-extension
printf '**kern' >mixed/chorale.krn
printf 'nothing' | tee text/a.txt >text/b.TXT
succeeds "$continuo" inspect mixed
notes 'mixed: left out 4 files that are not music \(\.pdf, \.txt, \.xml, no extension\)$'
says '^mixed/a.mid'
says '^mixed/sub/tune.abc'
succeeds "$continuo" convert mixed -o converted
notes 'mixed: left out 4 files that are not music'
says '^converted: [23] files, '
holds 'only music is converted' test -s converted/a.mid -a -s converted/sub/tune.mid -a ! -e converted/notes.mid
succeeds "$continuo" convert mixed -o converted-2 --json
says '"left_out":\[.*"mixed: left out 4 files'
fails 'text: contains no music that can be read; left out 2 files that are not music \(.TXT, .txt\)$' "$continuo" inspect text
fails 'text: contains no music that can be read' "$continuo" convert text -o never
fails 'text: contains no music' "$continuo" dataset build text -o never
ln -s "$work/missing" mixed/dangling.mid
succeeds "$continuo" inspect mixed
notes 'mixed: left out dangling.mid: is a symbolic link to nothing$'
succeeds "$continuo" inspect "$corpus"
fails 'mixed/notes.txt: lists no file of music' "$continuo" inspect mixed/notes.txt
fails 'mixed/score.pdf: cannot read .pdf' "$continuo" inspect mixed/score.pdf
succeeds "$continuo" inspect mixed/no-extension
says 'notes'

# --- music in a .txt file, and lists
cp "$tune" tune.txt
succeeds "$continuo" convert tune.txt tune.mid
holds 'music in a .txt file becomes one file' test -f tune.mid
printf 'a.mid\nnot-there.mid\n' >list.txt
succeeds "$continuo" convert list.txt -o listed
notes 'list.txt: left out not-there.mid: is listed, but no file$'
holds 'a list becomes a folder' test -s listed/a.mid
fails 'one.mid: is the name of a file; several pieces are written to a folder' "$continuo" convert list.txt one.mid
fails 'one.mid: is the name of a file' "$continuo" convert a.mid tune.mid one.mid
fails 'one.png: is the name of a file' "$continuo" convert mixed one.png
holds 'nothing is made of a refused output' test ! -e one.mid -a ! -e one.png
mkdir -p elsewhere
cp a.mid elsewhere/b.mid
printf '%s/elsewhere/b.mid\n../%s/a.mid\n' "$work" "$(basename "$work")" >far.txt
cp "$tune" keep.abc
touch -d '2001-01-01' elsewhere/b.mid a.mid
succeeds "$continuo" convert far.txt -o inside
holds 'listed files are never written over' test "$(date -r elsewhere/b.mid +%Y)$(date -r a.mid +%Y)" = 20012001
holds 'all is written below the folder' test "$(find inside -name '*.mid' | wc -l)" -eq 2

# --- one piece, from a file or from standard input
for what in 'render - -o in.svg' 'tokenize -' 'convert - in.mid'; do
  code=0
  # shellcheck disable=SC2086
  "$continuo" $what <a.mid >stdout 2>stderr || code=$?
  holds "standard input: $what" test $code -eq 0
done
fails 'mixed: is a folder; this command takes one piece' "$continuo" render mixed -o no.png
fails 'mixed: is a folder; this command takes one piece' "$continuo" tokenize mixed
printf 'X:1\nK:C\nC|\n' >one.abc
succeeds "$continuo" inspect one.abc
says '  1 note, .* 1 bar, '
says ', 1 note, pitch'
succeeds "$continuo" inspect --statistics one.abc
says '^statistics of 1 piece \('

# --- commands that are not quite right
refuses "no option --versoin; did you mean --version\?$" --versoin
refuses "no option --json; options come after a command$" --json inspect a.mid
refuses "no option -x; options" -x
refuses "unexpected: 'extra'$" help compose extra
refuses "no command 'sing'" help sing
refuses 'argument 1 is empty$' inspect ''
refuses 'argument 2 is empty$' convert a.mid ''
refuses 'missing: SOURCE$' dataset build
refuses 'missing: --output$' dataset build mixed
refuses 'missing: NAME$' dataset get
refuses 'missing: FILE$' render
refuses 'missing: --output$' compose
refuses 'missing: --data$' evaluate -m x
refuses '--threads: must be from 0 to 1024$' inspect a.mid --threads 1025
refuses "--seed: '1e3' is not a whole number$" inspect a.mid --seed 1e3
refuses '--seed: given twice$' inspect a.mid --seed 1 --seed 2
refuses '--seed: the value is missing$' inspect a.mid --seed
refuses "--progress: 'bar' is none of auto, json, none$" inspect a.mid --progress bar
refuses 'missing.toml: cannot be opened' inspect a.mid --config missing.toml
printf 'nonsense = 1\n' >unknown.toml
refuses "unknown.toml: no option 'nonsense', line 1$" inspect a.mid --config unknown.toml
refuses '--bars: must be from 1 to 10000$' compose -m x -o y.mid --bars 0
refuses "--temperature: 'inf' is not a number$" compose -m x -o y.mid --temperature inf
fails 'give one of --bars, --seconds and --tokens$' "$continuo" compose -m x -o y.mid --bars 1 --tokens 9
fails '--fill needs a --primer$' "$continuo" compose -m x -o y.mid --fill 3
fails '--fill: must be bars counted from 1, such as 5-8$' "$continuo" compose -m x -o y.mid --primer a.mid --fill 9-2
fails '--fill: must be bars counted from 1, such as 5-8$' "$continuo" compose -m x -o y.mid --primer a.mid --fill 2:3
fails 'missing.mid: cannot be opened' "$continuo" compose -m x -o y.mid --primer missing.mid
fails 'mixed: is a folder' "$continuo" compose -m x -o y.mid --primer mixed
fails 'y.mid: --wav takes a file that ends in .wav$' "$continuo" compose -m x -o y.mid --wav y.mid
fails 'y.pdf: cannot write .pdf' "$continuo" compose -m x -o y.pdf
fails 'no/y.mid: cannot be written' "$continuo" compose -m x -o no/y.mid
fails "--shard: 'x' is not i/n" "$continuo" dataset build mixed -o no --shard x
fails "--shard: '0/2' is not i/n" "$continuo" dataset build mixed -o no --shard 0/2
fails "--shard: '1/2/3' is not i/n" "$continuo" dataset build mixed -o no --shard 1/2/3
fails "--split: '50/50' is not TRAIN/VALIDATION/TEST" "$continuo" dataset build mixed -o no --split 50/50
fails "--with: 'jazz' is none of programs, meters, tempos, keys, chords, pedals$" \
  "$continuo" tokenizer make tsd --with jazz -o no.json
fails "--pitches: '21' is not of the form 21-108$" "$continuo" tokenizer make tsd --pitches 21 -o no.json
fails "--pitches: .*'highest_pitch' is out of range$" "$continuo" tokenizer make tsd --velocities 8 --pitches 90-20 -o no.json
fails "--tempos: .*'slowest_tempo'" "$continuo" tokenizer make tsd --tempos 0-0:0 -o no.json
fails "--meters: .*'meter_words' is out of range$" "$continuo" tokenizer make tsd --meters 4/0 -o no.json
fails 'tsd.txt: cannot write .txt \(known: .json\)$' "$continuo" tokenizer make tsd -o tsd.txt
fails 'bpe: cannot write a file without an extension \(known: .json\)$' "$continuo" tokenizer train "$corpus" -o bpe
fails 'no/tokens.json: cannot be written' "$continuo" tokenize a.mid -o no/tokens.json
fails 'x.pdf: cannot write .pdf \(known: .safetensors\)$' "$continuo" quantize -m x -o x.pdf
fails 'missing.sf2: ' "$continuo" render a.mid -o a.wav --soundfont missing.sf2
fails 'a.mid: is not a folder' "$continuo" dataset stats a.mid
fails 'missing: no such folder' "$continuo" tokenizer train missing -o no.json
printf '{"format":"continuo-tokens-1"}' >tokens.json
fails 'tokens.json: is not a token file' "$continuo" detokenize tokens.json -o no.mid
"$continuo" tokenize a.mid -o tokens.json >/dev/null 2>&1
sed 's/"Pitch_/"Nope_/' tokens.json >wrong.json
fails "wrong.json: the vocabulary has no 'Nope_[0-9]+', token [0-9]+$" "$continuo" detokenize wrong.json -o no.mid
printf '{"format": "continuo-tokens-1", "tokenizer": {"name": "performance", "options": {"drums": false}}, "tokens": [%s]}' '4, 100000' >numbers.json
fails 'numbers.json: the vocabulary has no number 100000, token 1$' "$continuo" detokenize numbers.json -o no.mid
holds 'a refusal leaves nothing' test ! -e no -a ! -e no.json -a ! -e no.mid -a ! -e x.pdf

finish
