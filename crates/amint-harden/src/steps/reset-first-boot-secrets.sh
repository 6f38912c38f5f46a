#!/bin/sh
# Removes secrets that a first-boot unit made on the builder, and the notes that it has run: each
# instance makes its own.
set -eu

rm -rf -- /var/lib/amint/secrets/* /var/lib/amint/secrets/.[!.]* /var/lib/amint/first-boot/*.done
