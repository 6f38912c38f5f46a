#!/bin/sh
# Brings all packages up to date. Configuration files that were changed stay as they are; nothing is asked.
set -eu

if command -v apt-get >/dev/null 2>&1; then
    export DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none NEEDRESTART_MODE=l UCF_FORCE_CONFFOLD=1
    # Without the error mode, apt-get succeeds although a mirror could not be reached.
    apt-get -q -o APT::Update::Error-Mode=any -o DPkg::Lock::Timeout=300 update
    # Later steps need not fetch the lists again before the next boot.
    : > /run/amint-package-lists
    apt-get -q -y -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold dist-upgrade
elif command -v dnf >/dev/null 2>&1; then
    dnf --assumeyes --refresh upgrade
elif command -v yum >/dev/null 2>&1; then
    yum --assumeyes update
else
    echo 'there is no package manager that amint knows (apt-get, dnf, yum)' >&2
    exit 1
fi
