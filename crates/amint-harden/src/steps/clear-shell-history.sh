#!/bin/sh
# Removes what shells and interactive programs remember of their users, in every account's home,
# wherever it is, and in homes that an account left behind.
set -eu

set -- /root /home/*
while IFS=: read -r _ _ _ _ _ home _ || [ -n "$home" ]; do
    case $home in /*) set -- "$@" "$home" ;; esac
done </etc/passwd

# Each home is taken from the front of the list, and what was found in it is put at the end. A link to
# /dev/null is no history and stays.
for home in "$@"; do
    shift
    for file in "$home"/.*history "$home"/.*history[-.~]* "$home/.histfile" "$home"/.lesshs* \
        "$home"/.viminf* "$home/.vim/.netrwhist" "$home/.wget-hsts" "$home/.dbshell" \
        "$home"/.bash_sessions/* "$home"/.zsh_sessions/* "$home"/.mongodb/mongosh/*history* \
        "$home"/.config/*/*history "$home"/.cache/*/*history "$home/.local/share/wget-hsts" \
        "$home"/.local/share/*history* "$home"/.local/share/*/*history* "$home/.local/share/recently-used.xbel" \
        "$home"/.local/share/nvim/shada/*.shada "$home"/.local/state/nvim/shada/*.shada \
        "$home/.local/state/lesshst" "$home"/.local/state/*history* "$home"/.local/state/*/*history*; do
        if [ -f "$file" ]; then set -- "$@" "$file"; fi
    done
done

rm -f -- "$@"
