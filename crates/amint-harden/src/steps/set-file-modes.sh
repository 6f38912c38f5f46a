#!/bin/sh
# Takes away the rights that nobody but root, or the owner, should have.
set -eu

for file in /etc/passwd /etc/group /etc/shadow /etc/gshadow /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf \
    /etc/audit/auditd.conf /etc/audit/audit.rules /etc/audit/rules.d/*.rules; do
    if [ -L "$file" ] || ! [ -f "$file" ]; then continue; fi
    case $file in
    */passwd | */group) owner=root:root rights=u-xs,go-wxs,-t ;;
    /etc/ssh/*) owner=root:root rights=u-xs,go-rwxs,-t ;;
    # Debian has a group that may read hashes.
    *) owner=root rights=u-xs,g-wxs,o-rwx,-t ;;
    esac
    chown "$owner" "$file"
    chmod "$rights" "$file"
done

# Records of logins are read by everybody, and written by programs of the group utmp.
if [ -d /var/log ]; then
    find -H /var/log -xdev -type f ! -name wtmp ! -name btmp ! -name lastlog ! -name faillog -perm /0037 \
        -exec chmod g-wx,o-rwx -- {} +
fi

# Layers of containers are another system's files.
find / -xdev \( -path /var/lib/docker -o -path /var/lib/containerd -o -path /var/lib/containers \
    -o -path /proc -o -path /sys -o -path /dev -o -path /run \) -prune \
    -o -type f -perm -0002 -exec chmod o-w -- {} + \
    -o -type d -perm -0002 ! -perm -1000 -exec chmod a+t -- {} +
