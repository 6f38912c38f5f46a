#!/bin/sh
# Empties everything under /var/log. What writes there has been stopped before.
set -eu

if [ -d /var/log/journal ]; then
    # Its folders bear the machine's id.
    find -H /var/log/journal -mindepth 1 -delete
fi

if [ -d /var/log ]; then
    # Rotated copies go; the rest is emptied in place, so that owner, mode and label stay as installed.
    find -H /var/log -type f \( \
        \( -name '*.gz' -o -name '*.xz' -o -name '*.bz2' -o -name '*.zst' -o -name '*.lz4' \
        -o -name '*.old' -o -name '*.[0-9]' -o -name '*.[0-9][0-9]' \
        -o -name '*-[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]*' \) -delete \
        -o -size +0 -exec truncate -s 0 -- {} + \)
fi

# Logs in other places: what processes cost, and what installers and name servers tell.
set -- /root/install.log /root/install.log.syslog /root/anaconda-post.log /var/named/data/named.run
for file in /var/account/pacct* "$@"; do
    if [ -f "$file" ] && [ ! -L "$file" ]; then truncate -s 0 -- "$file"; fi
done

# Logins, where a database keeps them, and what points into logs that are gone.
rm -f -- /var/lib/wtmpdb/wtmp.db /var/lib/lastlog/lastlog2.db /var/lib/rsyslog/imjournal.state \
    /var/lib/logrotate.status /var/lib/logrotate/status /var/lib/logrotate/logrotate.status
