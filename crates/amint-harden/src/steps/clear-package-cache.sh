#!/bin/sh
# Removes downloaded packages and package lists. The folders stay: apt wants them.
set -eu

set --
for folder in /var/cache/apt /var/lib/apt/lists /var/cache/dnf /var/cache/libdnf5 /var/cache/yum \
    /var/cache/PackageKit; do
    if [ -d "$folder" ]; then set -- "$@" "$folder"; fi
done
if [ $# -gt 0 ]; then find -H "$@" -type f ! -name lock -delete; fi

# What tools of a build keep for the next one.
set -- /root /home/*
while IFS=: read -r _ _ _ _ _ home _ || [ -n "$home" ]; do
    case $home in /*) set -- "$@" "$home" ;; esac
done </etc/passwd
for home in "$@"; do
    shift
    for folder in "$home/.npm/_cacache" "$home/.npm/_logs" "$home/.cargo/registry" "$home/.cache/pip" \
        "$home/.cache/uv" "$home/.cache/go-build" "$home/.cache/yarn" "$home/.cache/composer"; do
        if [ -d "$folder" ] && [ ! -L "$folder" ]; then set -- "$@" "$folder"; fi
    done
done
[ $# -eq 0 ] || find "$@" -xdev -mindepth 1 ! -type d -delete
