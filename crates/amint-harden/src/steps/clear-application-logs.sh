#!/bin/sh
# Removes the product's own logs. Arguments: files, and folders, whose subfolders stay.
set -eu

# Each path is taken from the front of the list, and put at the end when there is something at it.
for path in "$@"; do
    shift
    case ${path%/}/ in
    / | [!/]* | */../* | */./* | *//*)
        echo "not an absolute, plain path below the root: '$path'" >&2
        exit 64
        ;;
    esac
    if [ -e "$path" ] || [ -L "$path" ]; then set -- "$@" "$path"; fi
done
[ $# -gt 0 ] || exit 0

find -H "$@" ! -type d -delete
