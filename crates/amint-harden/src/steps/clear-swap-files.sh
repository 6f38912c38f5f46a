#!/bin/sh
# Overwrites swap files with zeros and makes them anew: they hold pages of the builder's memory, after a
# hibernation all of it.
set -eu

set -- /swapfile /swap.img /swap /var/swap /var/swapfile /var/swap.img
if [ -f /etc/fstab ]; then
    while read -r device _ kind _ || [ -n "$device" ]; do
        case $kind:$device in swap:/dev/*) ;; swap:/*) set -- "$@" "$device" ;; esac
    done </etc/fstab
fi

for file in "$@"; do
    if [ -L "$file" ] || ! [ -f "$file" ] || ! [ -s "$file" ]; then continue; fi
    while read -r used _; do
        if [ "$used" = "$file" ]; then swapoff "$file"; fi
    done </proc/swaps
    size=$(stat -c %s -- "$file")
    # In place, so that the blocks are the same: others would keep what was in these.
    head -c "$size" /dev/zero | dd of="$file" bs=1M iflag=fullblock conv=notrunc,fsync status=none
    chmod 0600 "$file"
    # Too small a file is no swap space, and harmless now.
    [ "$size" -lt 65536 ] || mkswap "$file" >/dev/null
done
