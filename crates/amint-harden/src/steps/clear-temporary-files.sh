#!/bin/sh
# Empties the folders for temporary files, and for what a check of the file system found.
set -eu

set --
for folder in /tmp /var/tmp /lost+found; do
    if [ -d "$folder" ]; then set -- "$@" "$folder"; fi
done
[ $# -gt 0 ] || exit 0

# A file system that is mounted below one of them is not emptied: its mount point stays and is reported.
find -H "$@" -xdev -mindepth 1 -delete
