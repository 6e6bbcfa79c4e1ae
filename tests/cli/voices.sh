#!/usr/bin/env bash
# Voices of recorded notes: what plays, what is listed, and how it refuses. Usage: voices.sh CONTINUO WORK_FOLDER
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

# A note as NSynth has them: 4 s of 16-bit PCM, one channel, 16 kHz; a square wave of 262 Hz.
# wav FILE [CHANNELS]
wav() {
  {
    printf 'RIFF\044\364\001\0WAVEfmt \020\0\0\0\001\0'"\\${2:-1}"'\0\200\076\0\0\0\175\0\0\002\0\020\0data\0\364\001\0'
    # shellcheck disable=SC2312
    head -c 128000 < <(yes "$(printf '\1\20%.0s' {1..30})$(printf '\1\360%.0s' {1..31})" | tr -d '\n')
  } >"$1"
}

# example NAME INSTRUMENT FAMILY SOURCE PITCH VELOCITY: an entry of examples.json
example() {
  printf '"%s": {"pitch": %d, "velocity": %d, "sample_rate": 16000, "instrument_str": "%s",
    "instrument_family_str": "%s", "instrument_source_str": "%s", "qualities_str": ["dark"]}' "$1" "$5" "$6" "$2" "$3" "$4"
}

mkdir -p set/nsynth-test/audio set/nsynth-valid/audio
{
  echo '{'
  example guitar_acoustic_000-060-050 guitar_acoustic_000 guitar acoustic 60 50
  echo ,
  example guitar_acoustic_000-062-050 guitar_acoustic_000 guitar acoustic 62 50
  echo ,
  example guitar_electronic_001-060-050 guitar_electronic_001 guitar electronic 60 50
  echo '}'
} >set/nsynth-test/examples.json
{
  echo '{'
  example reed_acoustic_002-060-075 reed_acoustic_002 reed acoustic 60 75
  echo '}'
} >set/nsynth-valid/examples.json
for note in guitar_acoustic_000-060-050 guitar_acoustic_000-062-050 guitar_electronic_001-060-050; do
  wav set/nsynth-test/audio/$note.wav
done
wav set/nsynth-valid/audio/reed_acoustic_002-060-075.wav

# Tracks: a saxophone (65) with pitch 67, a piano with pitch 60; then drums.
printf 'MThd\0\0\0\6\0\1\0\2\1\340MTrk\0\0\0\017\0\300\101\0\220\103\100\203\140\200\103\100\0\377\57\0' >two.mid
printf 'MTrk\0\0\0\014\0\221\74\100\203\140\201\74\100\0\377\57\0' >>two.mid
printf 'MThd\0\0\0\6\0\0\0\1\1\340MTrk\0\0\0\15\0\231\44\100\203\140\231\44\0\0\377\57\0' >drums.mid

# --- the list
succeeds "$continuo" voices set
says '^guitar +guitar_acoustic_000 +acoustic +50 +60-62 +2 +dark 100 %$'
says '^3 instruments, 4 notes$'
succeeds "$continuo" voices set/nsynth-valid --family reed --json
says '"instruments":\[\{"family":"reed","highest_pitch":60,"lowest_pitch":60,"name":"reed_acoustic_002","notes":1'
fails "set: has no instruments of the family 'polka' .it has guitar or reed.$" "$continuo" voices set --family polka
fails 'nowhere: there is no such folder$' "$continuo" voices nowhere
mkdir -p empty broken none
fails 'empty: holds no examples.json of NSynth' "$continuo" voices empty
printf '{"a": {"pitch": 60,' >broken/examples.json
fails 'broken/examples.json: is broken JSON, byte 20$' "$continuo" voices broken
printf '{"a": {"pitch": 60}}' >broken/examples.json
fails 'broken/examples.json: a field of the note is missing or invalid, a$' "$continuo" voices broken
printf '{}' >none/examples.json
fails 'none: holds no note of NSynth$' "$continuo" voices none
misuse "$continuo" voices

# --- playing, without FluidSynth's instruments
export CONTINUO_SOUNDFONT=$work/no.sf2
succeeds "$continuo" render two.mid -o all.wav --voice nsynth:set
says '^track 1: reed_acoustic_002$'
says '^track 2: guitar_acoustic_000$'
explains 'note: no keyboard in set: track 2 is played by guitar_acoustic_000$'
succeeds "$continuo" render two.mid -o again.wav --voice nsynth:set
holds 'the same notes give the same bytes' cmp -s all.wav again.wav
succeeds "$continuo" render two.mid -o one.wav --voice nsynth:set:guitar_electronic_001 --voice 2=nsynth:set --json
says '"voices":\[\{"instrument":"guitar_electronic_001","track":1\},\{"instrument":"guitar_acoustic_000","track":2\}\]'
succeeds "$continuo" convert two.mid converted.wav --voice nsynth:set
holds 'converting plays as rendering does' cmp -s all.wav converted.wav
printf 'voice = ["nsynth:set:guitar_electronic_001", "2=nsynth:set"]\n' >voices.toml
succeeds "$continuo" render two.mid -o file.wav --config voices.toml
holds 'a file gives the same list' cmp -s one.wav file.wav
cp -r set 'set:two'
succeeds "$continuo" render two.mid -o colon.wav --voice nsynth:set:two
holds 'a folder may have a colon' cmp -s all.wav colon.wav
succeeds env -u CONTINUO_SOUNDFONT "$continuo" compose --instruments piano --bars 2 --seed 1 -o lone.wav --voice 5=nsynth:set
explains 'note: --voice: .*5'
holds 'a composed piece is not lost for a track that it does not have' test -s lone.wav
succeeds "$continuo" compose --instruments piano --bars 2 --seed 1 -o song.mid --wav song.wav --voice nsynth:set
holds 'what is composed is played' test -s song.wav
for command in 'compose infill' 'compose humanise' 'compose harmonise' convert render; do
  # shellcheck disable=SC2086
  succeeds "$continuo" $command --help
  says '--voice VOICE'
done

# --- refusals
fails 'CONTINUO_SOUNDFONT names no file' "$continuo" render two.mid -o no.wav --voice 1=nsynth:set
fails 'CONTINUO_SOUNDFONT names no file' "$continuo" render drums.mid -o no.wav --voice nsynth:set
fails '--voice: track 1 is drums, and NSynth has none$' "$continuo" render drums.mid -o no.wav --voice 1=nsynth:set
fails "--voice: there is no track '3': 1 .*, 2 " "$continuo" render two.mid -o no.wav --voice 3=nsynth:set
fails "set: has no instrument 'guitar_acoustic_00'; did you mean guitar_acoustic_000" \
  "$continuo" render two.mid -o no.wav --voice nsynth:set:guitar_acoustic_00
for wrong in piano nsynth: 2=piano nsynth:set: =nsynth:set; do
  fails "--voice: .*'$wrong'$" "$continuo" render two.mid -o no.wav --voice "$wrong"
done
fails '--voice: given twice for track 2$' "$continuo" render two.mid -o no.wav --voice 2=nsynth:set --voice 2=nsynth:set
fails '--voice: is for sound, and no output is a .wav$' "$continuo" render two.mid -o no.png --voice nsynth:set
fails '--voice: is for sound, and no output is a .wav$' "$continuo" compose --instruments piano -o no.mid --voice nsynth:set
fails 'nowhere: there is no such folder$' "$continuo" compose --instruments piano -o no.mid --wav no.wav --voice nsynth:nowhere
reed=set/nsynth-valid/audio/reed_acoustic_002-060-075.wav
rm $reed
fails "$reed: there is no such sample$" "$continuo" render two.mid -o no.wav --voice nsynth:set
: >$reed
fails "$reed: is not a sound file$" "$continuo" render two.mid -o no.wav --voice nsynth:set
wav $reed 2
fails "$reed: has 2 channels, a sample has one$" "$continuo" render two.mid -o no.wav --voice nsynth:set
wav whole.wav
head -c 64000 whole.wav >$reed
fails "$reed: ends before its key is let go$" "$continuo" render two.mid -o no.wav --voice nsynth:set
printf 'precious' >keep.wav
fails "$reed: " "$continuo" render two.mid -o keep.wav --voice nsynth:set
holds 'what cannot be played leaves the old file' grep -q precious keep.wav
holds 'and nothing else' test ! -e no.wav -a ! -e no.mid

finish
