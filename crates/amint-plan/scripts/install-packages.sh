#!/bin/sh
# Installs the packages that are its arguments. Configuration files that exist stay as they are; nothing is asked.
set -eu

if command -v apt-get >/dev/null 2>&1; then
    export DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none NEEDRESTART_MODE=l UCF_FORCE_CONFFOLD=1
    # The lists of the base image may be old, and the packages that they name gone from the mirror.
    if [ ! -e /run/amint-package-lists ]; then
        # Without the error mode, apt-get succeeds although a mirror could not be reached.
        apt-get -q -o APT::Update::Error-Mode=any -o DPkg::Lock::Timeout=300 update
        : > /run/amint-package-lists
    fi
    apt-get -q -y -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold install -- "$@"
elif command -v dnf >/dev/null 2>&1; then
    dnf --assumeyes install -- "$@"
elif command -v yum >/dev/null 2>&1; then
    yum --assumeyes install -- "$@"
else
    echo 'there is no package manager that amint knows (apt-get, dnf, yum)' >&2
    exit 1
fi
