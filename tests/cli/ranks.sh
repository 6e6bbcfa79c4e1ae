#!/usr/bin/env bash
# Several processes that train one model together. Usage: ranks.sh CONTINUO WORK_FOLDER
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"

port=$((20000 + $$ % 10000))

# one RANK SIZE ARGUMENTS...: one of the processes, as torchrun starts it.
one() {
  local rank=$1 size=$2
  shift 2
  env RANK="$rank" WORLD_SIZE="$size" LOCAL_WORLD_SIZE="$size" MASTER_ADDR=127.0.0.1 MASTER_PORT=$port \
    "$continuo" train --progress none --threads 1 "$@"
}

# together SIZE ARGUMENTS...: all of them; the exit code and the output are the first one's, others.RANK the others'.
together() {
  local size=$1 rank
  shift
  port=$((port + 1))
  for ((rank = 1; rank < size; ++rank)); do one $rank "$size" "$@" >others.$rank 2>&1 </dev/null & done
  run one 0 "$size" "$@"
  wait
}

# Losses and validations of a run.
figures() { awk -F, 'NR == 1 { for (i = 1; i <= NF; ++i) at[$i] = i; next } { print $at["loss"], $at["validation_nll"] }' "$1/metrics.csv"; }

# agree RUN RUN: as many steps, and figures equal to 1e-4.
agree() {
  paste <(figures "$1") <(figures "$2") | awk -F'[ \t]' '
    { for (i = 1; i <= 2; ++i) { d = $i - $(i + 2); if (d > 1e-4 || d < -1e-4 || ($i == "") != ($(i + 2) == "")) bad = 1 } }
    END { exit bad || NR == 0 }'
}

succeeds "$continuo" dataset build "$corpus" --tokenizer remi -o data
# fp32: where products are in bf16 (AMX), sums in another order are further apart than the losses may be here.
run_of=(--data data --model gpt2 --size tiny --context-length 128 --batch-size 8 --dropout 0.2 --seed 3 --precision fp32
        --validation-every-steps 5 --validation-every-seconds 0 --validation-tokens 0)

# second_of FOLDER: the number of the second process of the run in it.
second_of() {
  local process
  for process in /proc/[0-9]*; do
    if grep -qz 'continuo-train$' "$process/cmdline" 2>/dev/null && grep -qzx -e "$1" "$process/cmdline" 2>/dev/null &&
      grep -qzx 'RANK=1' "$process/environ" 2>/dev/null; then
      echo "${process#/proc/}"
      return
    fi
  done
}

# --- the same run by one process, two and four
succeeds "$continuo" train --progress none --threads 1 "${run_of[@]}" --max-steps 20 -o alone
for size in 2 4; do
  together $size "${run_of[@]}" --max-steps 20 -o by$size
  holds "$size processes end well" [ $code -eq 0 ]
  says 'by[24]: 20 steps'
  holds "$size processes have the losses of one" agree alone by$size
  holds 'the others report nothing' [ ! -s others.1 ]
done
recurrent=(--data data --model lstm --size tiny --dropout 0.2 --seed 3 --precision fp32 --max-steps 4 --ema 0.9)
succeeds "$continuo" train --progress none --threads 1 "${recurrent[@]}" -o recurrent_alone
together 2 "${recurrent[@]}" -o recurrent
holds 'a recurrent model with an average' agree recurrent_alone recurrent
env OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_LOCAL_SIZE=2 MASTER_PORT=$((port + 1)) \
  "$continuo" train --progress none "${run_of[@]}" --max-steps 2 -o mpi >others.1 2>&1 </dev/null &
succeeds env OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_LOCAL_SIZE=2 MASTER_PORT=$((port + 1)) \
  "$continuo" train --progress none "${run_of[@]}" --max-steps 2 -o mpi
wait
port=$((port + 1))

# --- a run is continued by another number of processes
for steps in 10 20; do
  options=("${run_of[@]}")
  [ $steps = 10 ] || options=(--data data --resume)
  succeeds "$continuo" train --progress none --threads 1 "${options[@]}" --max-steps $steps -o continued
  together $((steps / 5)) "${options[@]}" --max-steps $steps -o grown
  together $((40 / steps)) "${options[@]}" --max-steps $steps -o shrunk
done
holds 'four processes continue the run of two' agree continued grown
holds 'two processes continue the run of four' agree continued shrunk

# --- a process that is killed, and one that does not answer
# broken SIGNAL: of the second process, once there is something to resume.
broken() {
  port=$((port + 1))
  one 1 2 "${run_of[@]}" --max-steps 1000000 --checkpoint-every-minutes 0.01 -o "$1" >others.1 2>&1 </dev/null &
  one 0 2 "${run_of[@]}" --max-steps 1000000 --checkpoint-every-minutes 0.01 -o "$1" >stdout 2>stderr </dev/null &
  local first=$! second i
  for ((i = 0; i < 600; ++i)); do [ -e "$1/resume.safetensors" ] && break || sleep 0.1; done
  second=$(second_of "$1")
  local begin=$SECONDS
  kill -"$1" $second
  set +e
  wait $first
  code=$?
  set -e
  took=$((SECONDS - begin))
  kill -KILL $second 2>/dev/null || true
  wait
  last="a run whose second process got $1"
}
broken KILL
holds 'a killed process ends the run' [ $code -eq 1 ]
explains '^continuo: error: another process of this training run has ended'
holds 'at once' [ $took -le 5 ]
broken STOP
holds 'a process that does not answer ends the run' [ $code -eq 1 ]
explains '^continuo: error: process 2 of 2 has not answered for 10 s'
holds 'within 20 s' [ $took -le 20 ]
steps=$(($(wc -l <KILL/metrics.csv) + 3))
succeeds "$continuo" train --progress none --threads 1 --resume --max-steps $steps -o KILL
succeeds "$continuo" train --progress none --threads 1 "${run_of[@]}" --max-steps $steps -o whole
tail -n 3 KILL/metrics.csv >end
tail -n 3 whole/metrics.csv | cut -d, -f1 >whole.steps
holds 'a killed run is continued' cmp -s whole.steps <(cut -d, -f1 end)

# --- what cannot be
fails 'must be a number from 0 to 1, variable RANK' one 2 2 "${run_of[@]}" -o none
fails 'is missing beside WORLD_SIZE, variable RANK' env WORLD_SIZE=2 "$continuo" train "${run_of[@]}" -o none
fails 'no host of this name is known' env RANK=1 WORLD_SIZE=2 MASTER_ADDR=no.such.host.invalid \
  "$continuo" train --progress none "${run_of[@]}" -o none
together 2 --data "$corpus" -o none
holds 'a folder of music' [ $code -eq 1 ]
together 2 --data data --model gpt2 --size tiny --batch-size 1 --max-steps 2 -o none
holds 'a batch of one window' [ $code -eq 1 ]
explains 'a batch of 1 windows? cannot be shared by 2 processes'
holds 'the other has the reason' grep -q '^continuo: error: the first process has refused: a batch of 1' others.1
holds 'and nothing is made' [ ! -e none ]
together 2 --data data --model transformer_xl --size tiny --max-steps 2 -o none
explains 'a model with a memory is trained in one process'
together 2 --data missing --max-steps 2 -o none
holds 'no data' [ $code -eq 1 ]
succeeds "$continuo" dataset build "$corpus" --tokenizer remi --seed 2 -o other
port=$((port + 1))
one 1 2 --data other -o none >others.1 2>&1 </dev/null &
run one 0 2 "${run_of[@]}" --max-steps 2 -o none
wait
holds 'other data' grep -q '^continuo: error: other: the data set is not ' others.1
holds 'end both' [ $code -eq 1 ]

# --- the others report nothing, and may end the run
together 2 "${run_of[@]}" --max-steps 2 --json -o reported
says '"steps": ?2'
holds 'one object alone' [ ! -s others.1 ]
port=$((port + 1))
one 1 2 --data data -o stopped >others.1 2>&1 </dev/null &
other=$!
one 0 2 "${run_of[@]}" --max-steps 1000000 --checkpoint-every-minutes 0.01 -o stopped >stdout 2>stderr </dev/null &
first=$!
for ((i = 0; i < 600; ++i)); do [ -e stopped/resume.safetensors ] && break || sleep 0.1; done
kill -TERM "$(second_of stopped)"
run wait $first
holds 'a stop of another ends well' [ $code -eq 0 ]
run wait $other
holds 'for both' [ $code -eq 0 ]

finish
