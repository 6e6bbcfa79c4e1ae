#!/usr/bin/env bash
# Measures of music and their page. Usage: metrics.sh CONTINUO WORK_FOLDER
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

mkdir -p tree/sub
cp "$corpus/adeste_fideles.abc" tree/sub/tune.abc
succeeds "$continuo" convert tree/sub/tune.abc -o tree/a.mid
printf '<svg xmlns="http://www.w3.org/2000/svg"/>' >tree/a.svg
printf 'RIFF' >tree/a.wav

succeeds "$continuo" metrics tree
says '^A: tree \(2 pieces\)$'
says '^  grooving_similarity +0\.[0-9]{3} +0\.[0-9]{3}$'
succeeds "$continuo" metrics tree --against "$corpus" --max-pieces 20 --html page.html --json
says '"mean_overlap_b":0\.[0-9]+'
explains 'measures 20 of 77 files, equally spaced'
holds 'the page shows each piece' grep -q '<a href="tree/sub/tune.abc">' page.html
holds 'the page has both sets' grep -q 'class="b".*class="b"' page.html
succeeds "$continuo" metrics tree tree/a.mid --against tree/a.mid
says '^A: tree and 1 other \(3 pieces\)$'
says 'need two pieces with pitched notes in each'
fails 'missing.mid: .*no such file' "$continuo" metrics missing.mid
fails 'missing.mid: .*no such file' "$continuo" metrics tree/a.mid --against missing.mid
fails 'no/page.html' "$continuo" metrics tree/a.mid --html no/page.html
holds 'a piece has the sound and the picture beside it' grep -q 'src="tree/a.wav"' page.html
holds 'a picture is shown' grep -q 'src="tree/a.svg"' page.html
succeeds "$continuo" dataset build "$corpus" -o data
succeeds "$continuo" metrics data --split test --json --max-pieces 0
holds 'a split is measured alone' grep -q '"pieces":4,' stdout
succeeds "$continuo" metrics tree/a.mid --first-bars 4
says '^  bars +4\.000 '
says '^  longest_note_bars +[0-4]\.'
printf 'no music' >broken.mid
succeeds "$continuo" metrics tree/a.mid broken.mid --json
holds 'what cannot be read is left out' grep -q '"left_out":\["broken.mid: ' stdout
explains 'not measured: broken.mid: '
fails 'broken.mid: ' "$continuo" metrics broken.mid
cp tree/a.mid kept.mid
run "$continuo" metrics tree/a.mid --against kept.mid --html kept.mid
explains 'kept.mid: is what is measured'
run "$continuo" metrics tree --html tree/a.mid
explains 'tree/a.mid: is what is measured'
holds 'no piece is lost to a page' cmp -s kept.mid tree/a.mid
fails 'nowhere: there is no such file or folder' "$continuo" metrics nowhere
printf 'missing.mid\n' >list.txt
fails 'list.txt: lists no file of music that is there, and is none itself' "$continuo" metrics list.txt
misuse "$continuo" metrics tree/a.mid --html ''
mkdir 'a & b'
cp tree/a.mid 'a & b/x "1".mid'
succeeds "$continuo" metrics 'a & b' --html 'a & b/page.html' --title 'A < B'
holds 'a title is text' grep -q '<h1>A &lt; B</h1>' 'a & b/page.html'
holds 'an address is plain' grep -q '<a href="x%20%221%22.mid">' 'a & b/page.html'
succeeds "$continuo" metrics tree/a.mid --json --threads 1
cp stdout one
succeeds "$continuo" metrics tree/a.mid --json --threads 3
holds 'measures do not depend on the number of threads' cmp -s one stdout

finish
