#!/bin/sh
# Removes what package managers remember of who installed what, and answers that were given to their
# questions, passwords among them.
set -eu

rm -f -- /var/lib/dnf/history.sqlite* /usr/lib/sysimage/libdnf5/transaction_history.sqlite* \
    /var/lib/rpm/__db.* /usr/lib/sysimage/rpm/__db.* /var/lib/rpm/.rpm.lock.old \
    /var/cache/debconf/*-old /var/cache/debconf/passwords.dat

set --
for folder in /var/lib/dnf/history /var/lib/yum/history; do
    if [ -d "$folder" ] && [ ! -L "$folder" ]; then set -- "$@" "$folder"; fi
done
[ $# -eq 0 ] || find "$@" -xdev -type f -delete
