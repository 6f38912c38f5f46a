#!/bin/sh
# Reads the settings back from sshd itself: those that hold in general, and those that hold for root.
# sshd answers only when it has a host key and its folder under /run, so it gets both, in memory.
set -eu
umask 077

[ -f /etc/ssh/sshd_config ] || exit 0 # no SSH server
sshd=$(command -v sshd || command -v /usr/sbin/sshd) || exit 0

keys=/run/amint/sshd-check
rm -rf "$keys"
mkdir -p "$keys"
[ -d /run/sshd ] || mkdir -m 0755 /run/sshd
ssh-keygen -q -t ecdsa -N '' -f "$keys/host_key"

general=$("$sshd" -T -h "$keys/host_key")
for_root=$("$sshd" -T -h "$keys/host_key" -C user=root,host=localhost,addr=10.0.0.1)
rm -rf "$keys"

case "
$general
$for_root
" in
*'
permitrootlogin yes
'*)
    echo 'PermitRootLogin is still yes: look for it in /etc/ssh/sshd_config, sshd_config.d and Match blocks' >&2
    exit 1
    ;;
esac
