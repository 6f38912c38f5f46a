#!/bin/sh
# Removes the SSM agent with all that is its own. It has been killed before. Runs before logs and account
# backups are cleared, because package managers write some.
set -eu

if command -v dpkg >/dev/null && dpkg -s amazon-ssm-agent >/dev/null; then
    DEBIAN_FRONTEND=noninteractive dpkg --purge amazon-ssm-agent
elif command -v rpm >/dev/null && rpm -q amazon-ssm-agent >/dev/null; then
    rpm -e amazon-ssm-agent
fi

# What the package managers leave: settings that were changed, what the agent made, and its start.
rm -rf -- /etc/amazon/ssm /var/lib/amazon/ssm /var/log/amazon/ssm \
    /etc/systemd/system/amazon-ssm-agent.service.d \
    /etc/systemd/system/multi-user.target.wants/amazon-ssm-agent.service
for folder in /etc/amazon /var/lib/amazon /var/log/amazon; do
    [ ! -d "$folder" ] || rmdir -- "$folder" 2>/dev/null || : # holds what others put there
done

# snapd is stopped in the seal, so a snap stays: an agent of the base image, which nobody installed.
if [ -e /snap/amazon-ssm-agent ]; then
    echo 'the SSM agent is a snap, which the seal cannot remove' >&2
    exit 1
fi
