#!/bin/sh
# Removes the copies that editors and package managers leave beside configuration files: they hold what was
# since taken out of the originals.
set -eu

find -H /etc -xdev ! -type d \( -name '*~' -o -name '*.bak' -o -name '*.old' -o -name '*.orig' -o -name '*.save' \
    -o -name '.*.sw[a-p]' -o -name '#*#' \
    -o -name '*.rpmsave' -o -name '*.rpmorig' -o -name '*.rpmnew' \
    -o -name '*.dpkg-old' -o -name '*.dpkg-bak' -o -name '*.dpkg-dist' -o -name '*.dpkg-new' \
    -o -name '*.dpkg-tmp' -o -name '*.ucf-old' -o -name '*.ucf-dist' -o -name '*.ucf-new' \) -delete

set -- /root /home/*
while IFS=: read -r _ _ _ _ _ home _ || [ -n "$home" ]; do
    case $home in /*) set -- "$@" "$home" ;; esac
done </etc/passwd
for home in "$@"; do
    shift
    for file in "$home"/*~ "$home"/.*~ "$home"/.*.sw[a-p]; do
        if [ -f "$file" ] || [ -L "$file" ]; then set -- "$@" "$file"; fi
    done
done
[ $# -eq 0 ] || rm -f -- "$@"
