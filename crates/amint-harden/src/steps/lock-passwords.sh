#!/bin/sh
# Takes every password out of the account files: hashes, hashes behind a lock, and blank fields.
#
# "passwd -d" would leave a blank field, and "passwd -l" the hash. An account that was locked is locked
# afterwards ("!"). Any other gets "*": no password matches, and a key still does where sshd runs without
# PAM, to which "!" says that the account itself is locked.
set -eu

for file in /etc/passwd /etc/shadow /etc/group /etc/gshadow; do
    [ -s "$file" ] || continue
    kept=$(LC_ALL=C awk -v file="${file#/etc/}" '
        BEGIN { FS = OFS = ":" }
        NF > 1 {
            rest = $2
            sub(/^[!*]+/, "", rest)
            sub(/[!*]+$/, "", rest)
            held = rest !~ /^(x|LK|LOCK|NP|locked)?$/
            # Without a group password only members may use the group: that is how it should be. Lines that
            # begin so ask another directory.
            blank = $2 == "" && file !~ /group$|gshadow$/ && !/^[+-]/
            if (/^[+-]/ && held) $2 = ""
            else if (held || blank) {
                if (file == "passwd" || file == "group") $2 = "x"
                else if (file == "gshadow" || $2 ~ /^[!*]/) $2 = "!"
                else $2 = "*"
            }
        }
        { print }' "$file")
    # Written in place: owner, mode and label stay. No copy is made.
    [ "$kept" = "$(cat "$file")" ] || printf '%s\n' "$kept" >"$file"
done
