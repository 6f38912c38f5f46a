#!/bin/sh
# Makes cloud-init see a new instance at the next boot: what "cloud-init clean --logs" does, without
# the second that Python takes to start. The seed folder and the scripts that a product put under
# scripts/per-* are part of the image and stay.
set -eu

if [ -d /var/lib/cloud ]; then
    for hook in /etc/cloud/clean.d/*; do
        if [ -f "$hook" ] && [ -x "$hook" ]; then "$hook"; fi
    done
    find -H /var/lib/cloud -mindepth 1 -maxdepth 1 ! -name seed ! -name scripts -exec rm -rf -- {} +
fi

rm -rf -- /var/lib/cloud/scripts/vendor /var/log/cloud-init.log /var/log/cloud-init-output.log
