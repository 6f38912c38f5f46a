#!/bin/sh
# Removes what the builder got when it was registered somewhere: certificates, tickets, tokens, and ids that
# are made once. Each instance registers for itself.
set -eu

set --
for path in /etc/pki/consumer /etc/pki/entitlement /var/lib/ipa-client/pki /var/lib/ipa-client/sysrestore \
    /var/lib/sss/db /var/lib/sss/secrets /var/lib/sss/keytabs /var/lib/ubuntu-advantage/private \
    /var/lib/puppet/ssl /etc/puppetlabs/puppet/ssl /etc/salt/pki/minion /etc/ecs/ecs.token /var/lib/ecs/data \
    /etc/sysconfig/rhn/systemid /etc/sysconfig/rhn/osad-auth.conf /etc/krb5.keytab \
    /var/lib/samba/private/secrets.tdb /var/lib/samba/private/passdb.tdb /etc/samba/secrets.tdb \
    /etc/chef/client.pem /etc/insights-client/machine-id /etc/docker/key.json /var/lib/docker/engine-id \
    /var/lib/tailscale/tailscaled.state /var/lib/zerotier-one/identity.secret \
    /var/lib/zerotier-one/identity.public /etc/lvm/devices/system.devices \
    /var/lib/yum/uuid /etc/sysconfig/hw-uuid /etc/smolt/uuid /etc/smolt/hw-uuid; do
    if [ -e "$path" ] && [ ! -L "$path" ]; then set -- "$@" "$path"; fi
done
[ $# -gt 0 ] || exit 0

# shellcheck disable=SC2016 # the inner shell expands it
find "$@" -xdev -type f -exec sh -c 'for file do
    shred -u -n 1 -- "$file" 2>/dev/null || : >"$file"
    rm -f -- "$file"
done' sh {} +
