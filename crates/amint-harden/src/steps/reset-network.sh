#!/bin/sh
# Removes what was learned about, or written for, the builder's network: names of its cards, addresses,
# and its host name.
set -eu

# cloud-init writes them again for each instance, but not where it was told to leave the network alone.
disabled='^[^#]*config: *["'\'']?disabled'
if [ -e /etc/cloud/cloud.cfg ] && ! grep -rqsE "$disabled" /etc/cloud/cloud.cfg /etc/cloud/cloud.cfg.d; then
    rm -f -- /etc/netplan/50-cloud-init.yaml /etc/NetworkManager/conf.d/99-cloud-init.conf \
        /etc/NetworkManager/conf.d/30-cloud-init-ip6-addr-gen-mode.conf \
        /etc/NetworkManager/system-connections/cloud-init-*.nmconnection \
        /etc/systemd/network/10-cloud-init-*.network /etc/network/interfaces.d/50-cloud-init \
        /etc/network/interfaces.d/50-cloud-init.cfg
    for file in /etc/sysconfig/network-scripts/ifcfg-*; do
        if grep -qs '^# Created by cloud-init' "$file"; then rm -f -- "$file"; fi
    done
fi

rm -f -- /var/lib/NetworkManager/seen-bssids /var/lib/NetworkManager/timestamps \
    /var/lib/NetworkManager/internal-*.conf /etc/udev/rules.d/75-persistent-net-generator.rules \
    /etc/systemd/network/*-cloud-init-*.link

# What names the builder's network card, or the builder, in files that stay.
for file in /etc/sysconfig/network-scripts/ifcfg-*; do
    [ -f "$file" ] || continue
    kept=$(sed '/^HWADDR=/d; /^MACADDR=/d; /^HOSTNAME=/d; /^DHCP_HOSTNAME=/d' "$file")
    [ "$kept" = "$(cat "$file")" ] || printf '%s\n' "$kept" >"$file"
done

# The names that EC2 gives.
if [ -f /etc/hostname ] && grep -qE '^(ip-[0-9]+-[0-9]+-[0-9]+-[0-9]+|i-[0-9a-f]{8,17})(\.|$)' /etc/hostname; then
    : >/etc/hostname
fi
