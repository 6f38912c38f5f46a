#!/bin/sh
# Lets nobody log in over SSH as root.
#
# sshd keeps the first value that it reads. Where its configuration begins by including sshd_config.d,
# a file there that sorts first wins; elsewhere the top of the main file does. What other files set
# under "Match" is left as it is, for the check to report.
set -eu
umask 022

config=/etc/ssh/sshd_config
[ -f "$config" ] || exit 0 # no SSH server

settings='PermitRootLogin no'
mark='# amint: no root login'

first=$(awk '$1 ~ /^[^#]/ { print tolower($1), $2, NF; exit }' "$config")
if [ "$first" = 'include /etc/ssh/sshd_config.d/*.conf 2' ]; then
    mkdir -p /etc/ssh/sshd_config.d
    printf '%s\n' "$mark" "$settings" >/etc/ssh/sshd_config.d/00-amint-root.conf
elif ! grep -qxF "$mark" "$config"; then
    # Written in place: owner, mode and label stay.
    others=$(cat "$config")
    printf '%s\n' "$mark" "$settings" '' "$others" >"$config"
fi
