#!/bin/sh
# Removes the SSH host keys, so that each instance makes its own when it first starts.
set -eu

rm -f -- /etc/ssh/ssh_host_* /etc/ssh/*_key /etc/ssh/*_key.pub /etc/ssh/*_key-cert.pub
