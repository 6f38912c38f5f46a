#!/bin/sh
# Lets nobody log in over SSH with a password. Keyboard-interactive is the way that PAM asks for one;
# ChallengeResponseAuthentication is its name in OpenSSH before 8.7.
#
# sshd keeps the first value that it reads. Where its configuration begins by including sshd_config.d,
# a file there that sorts first wins; elsewhere the top of the main file does. What other files set
# under "Match" is left as it is, for the check to report.
set -eu
umask 022

config=/etc/ssh/sshd_config
[ -f "$config" ] || exit 0 # no SSH server

settings='PasswordAuthentication no
KbdInteractiveAuthentication no
ChallengeResponseAuthentication no
PermitEmptyPasswords no'
mark='# amint: no passwords'

first=$(awk '$1 ~ /^[^#]/ { print tolower($1), $2, NF; exit }' "$config")
if [ "$first" = 'include /etc/ssh/sshd_config.d/*.conf 2' ]; then
    mkdir -p /etc/ssh/sshd_config.d
    printf '%s\n' "$mark" "$settings" >/etc/ssh/sshd_config.d/00-amint-passwords.conf
elif ! grep -qxF "$mark" "$config"; then
    # Written in place: owner, mode and label stay.
    others=$(cat "$config")
    printf '%s\n' "$mark" "$settings" '' "$others" >"$config"
fi
