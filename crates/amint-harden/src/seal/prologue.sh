#!/bin/sh
# The seal: the last thing that happens on the builder. Runs as a unit of its own, from memory, and says
# nothing: what it did is read from the disk afterwards.
set -u
exec </dev/null >/dev/null 2>&1
cd /run/amint/seal || exit 1

# Whatever happens below, the machine powers off, and hard: an ordinary shutdown would write the random
# seed, the login records and the journal again. Without the marker nobody takes the disk for sealed.
power_off() {
    trap '' EXIT HUP INT TERM
    sync
    while read -r device point _; do
        case $device:$point in
        /dev/*:/) ;;
        /dev/*) mount -o remount,ro "$point" ;;
        esac
    done </proc/self/mounts
    if ! mount -o remount,ro /; then
        echo u >/proc/sysrq-trigger
        sleep 1 # the kernel does it in its own time and tells nobody
    fi
    sync
    poweroff -ff || echo o >/proc/sysrq-trigger
    exit 1
}
trap power_off EXIT
trap 'exit 1' HUP INT TERM

# Snaps were held for the time of the build.
if command -v snap; then timeout 20 snap refresh --unhold; fi

# A marker of an earlier seal says nothing about this one.
rm -f /var/lib/amint/sealed

# The dead man's switch would fire in the middle.
