#!/bin/sh
# Removes downloaded packages and package lists. The folders stay: apt wants them.
set -eu

set --
for folder in /var/cache/apt /var/lib/apt/lists /var/cache/dnf /var/cache/libdnf5 /var/cache/yum \
    /var/cache/PackageKit; do
    if [ -d "$folder" ]; then set -- "$@" "$folder"; fi
done
if [ $# -gt 0 ]; then find -H "$@" -type f ! -name lock -delete; fi

rm -f -- /var/cache/debconf/*-old
