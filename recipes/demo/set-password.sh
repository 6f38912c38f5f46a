#!/bin/sh
# Stores the hash of the password that comes on standard input. The password itself is never an argument, where `ps`
# would show it, and never written to a log.
set -eu
umask 077
IFS= read -r password
mkdir -p /opt/demo/data
printf '%s' "$password" | sha256sum | cut -d ' ' -f 1 > /opt/demo/data/admin.sha256
