#!/bin/sh
# Leaves root without a password, and locked.
#
# The order matters. "passwd -l" alone only writes a "!" before the hash, and the hash ships with the
# image. "passwd -l" before "passwd -d" loses the lock together with the hash: a blank password.
set -eu

passwd -d root
passwd -l root
