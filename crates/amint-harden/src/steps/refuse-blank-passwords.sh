#!/bin/sh
# Takes "nullok" out of PAM's configuration: it lets in whom the account files give a blank password.
set -eu

# Where authselect writes the files, it would undo what is edited there.
case $(readlink /etc/pam.d/system-auth || :) in
/etc/authselect/*)
    if command -v authselect >/dev/null; then authselect enable-feature without-nullok >/dev/null || :; fi
    ;;
esac

for file in /etc/pam.d/*; do
    [ -f "$file" ] || continue
    kept=$(sed -E '/^[[:space:]]*#/!s/[[:space:]]nullok(_secure)?([[:space:]]|$)/\2/g' "$file")
    [ "$kept" = "$(cat "$file")" ] || printf '%s\n' "$kept" >"$file"
done
