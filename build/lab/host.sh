#!/bin/sh
# Becomes the guest: host.sh SCRATCH CPU MEMORY INIT. It runs in mount, process and network namespaces of its own (see
# guest.ts). The guest reads this machine's files through hostfs, as root, so every mount is made read-only first, save
# the scratch folder.
set -eu
scratch=$1 cpu=$2 memory=$3 init=$4

mount --bind "$scratch" "$scratch"
while read -r _ _ _ _ escaped options _; do
  target=$(printf '%b' "$escaped")
  case "$target,$options," in
    "$scratch",* | *,ro,*) ;;
    *) mount -o remount,bind,ro "$target" ;;
  esac
done </proc/self/mountinfo
if test -w / || test -w "$init"; then
  echo 'lab: the files of this machine are still writable; no guest was started' >&2
  exit 70
fi

# the guest's memory is a file, mapped with execute permission: it needs a mount that allows that
mkdir "$scratch/memory"
mount -t tmpfs -o "mode=0700,size=$memory" memory "$scratch/memory"
export TMPDIR="$scratch/memory"
# 4 and 5: standard output and error of the command; 1 and 2: what kernel and init.sh say
exec 4>&1 5>&2 >"$scratch/console" 2>&1 </dev/null
exec taskset -c "$cpu" linux.uml "mem=$memory" root=/dev/root rootfstype=hostfs ro "init=$init" \
  con=null con0=null,fd:1 ssl=null ssl0=null,fd:4 ssl1=null,fd:5 "uml_dir=$scratch/memory" \
  "lab_scratch=$scratch" "lab_time=$(date +%s)"
