#!/bin/sh
# Removes the copies of the account files that tools keep: they still hold what was just removed
# from the originals. Runs after the last change to an account.
set -eu

for name in passwd shadow group gshadow subuid subgid; do
    for suffix in - '~' .bak .old .orig .rpmorig .rpmsave .dpkg-bak .dpkg-old; do
        set -- "$@" "/etc/$name$suffix"
    done
    set -- "$@" "/var/backups/$name.bak"
done

# Installers of the RHEL family write the root password's hash into the kickstart files they leave.
for name in anaconda-ks.cfg initial-setup-ks.cfg original-ks.cfg; do
    set -- "$@" "/root/$name"
done

rm -f -- "$@"

# The hashes of passwords that were replaced. Emptied, not removed: PAM's packages install the file.
[ ! -s /etc/security/opasswd ] || : >/etc/security/opasswd
