#!/bin/sh
# Removes what tells this machine from others: the next boot makes it anew.
set -eu

# Empty rather than absent: systemd then fills it in, also when the root is mounted read-only at first.
: >/etc/machine-id
[ -L /var/lib/dbus/machine-id ] || rm -f /var/lib/dbus/machine-id

# Random seeds, keys made by systemd and NetworkManager, names given to network cards, leases.
rm -f -- \
    /var/lib/systemd/random-seed /var/lib/random-seed /var/lib/urandom/random-seed \
    /boot/loader/random-seed /boot/efi/loader/random-seed /efi/loader/random-seed \
    /var/lib/systemd/credential.secret /var/lib/NetworkManager/secret_key \
    /etc/udev/rules.d/70-persistent-net.rules \
    /var/lib/dhcp/*.leases /var/lib/dhcp/*.lease /var/lib/dhclient/* \
    /var/lib/dhcpcd/*.lease* /var/lib/dhcpcd/duid /var/lib/dhcpcd/secret \
    /var/lib/NetworkManager/*.lease
