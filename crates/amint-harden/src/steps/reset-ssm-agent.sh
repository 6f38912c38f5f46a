#!/bin/sh
# Makes the SSM agent see a new instance at the next boot, and removes the account that it makes for
# sessions. The agent, its settings and the folders stay; it fills them again by itself.
set -eu

# Registration, commands with their scripts and output, sessions, inventory; the logs; and what the agent
# keeps as a snap, whose "current" link is snapd's.
set --
for folder in /var/lib/amazon/ssm /var/log/amazon/ssm /var/snap/amazon-ssm-agent \
    /root/snap/amazon-ssm-agent; do
    if [ -d "$folder" ]; then set -- "$@" "$folder"; fi
done
[ $# -eq 0 ] || find -H "$@" ! -type d ! -path '*/snap/amazon-ssm-agent/current' -delete

# The agent makes the account and its sudo rights when a session begins, but the rights only together with
# the account: both go. Its lines are taken out here, in place, because userdel would leave copies of the
# account files.
set -- /home/ssm-user /var/mail/ssm-user /var/spool/mail/ssm-user
while IFS=: read -r name _ _ _ _ home _ || [ -n "$name" ]; do
    case $name:$home in ssm-user:/*/ssm-user) set -- "$@" "$home" ;; esac
done </etc/passwd
rm -rf -- "$@" /etc/sudoers.d/ssm-agent-users

for file in /etc/passwd /etc/shadow /etc/group /etc/gshadow /etc/subuid /etc/subgid; do
    grep -q ssm-user "$file" 2>/dev/null || continue
    # Members of a group are in the fourth field, those who may manage it in gshadow's third.
    kept=$(LC_ALL=C awk -v groups="${file#/etc/}" '
        BEGIN { FS = OFS = ":"; groups = groups ~ /^g/ }
        $1 == "ssm-user" { next }
        groups {
            for (field = 3; field <= NF; field++) {
                list = "," $field ","
                while (sub(/,ssm-user,/, ",", list)) changed = 1
                if (changed) $field = substr(list, 2, length(list) - 2)
                changed = 0
            }
        }
        { print }' "$file")
    # Owner, mode and label stay. A file that lists nobody else is empty afterwards.
    if [ -n "$kept" ]; then printf '%s\n' "$kept"; fi >"$file"
done
