#!/bin/sh
# Makes a secret of this machine's own, once, when it first boots; started by amint-first-boot-NAME.service.
#
#   first-boot-secret NAME LENGTH COMMAND [ARGUMENT…]
#
# The secret is LENGTH letters and digits. COMMAND gets it as one line on its standard input: never as an argument or in
# the environment, where other processes could read it. It is kept in /var/lib/amint/secrets/NAME for root alone.
# Should COMMAND fail, or the machine stop half-way, the next boot starts over with another secret.
set -eu
umask 077

name=$1
length=$2
shift 2
secrets=/var/lib/amint/secrets
notes=/var/lib/amint/first-boot
new=$secrets/.$name.new

mkdir -p "$secrets" "$notes"
trap 'rm -f "$new"' EXIT
trap 'exit 1' HUP INT TERM

# /dev/urandom answers before it has enough entropy, early in a first boot; /dev/random waits for that.
head -c 1 /dev/random > /dev/null

# A quarter of all bytes are letters or digits: 4096 are enough for any length that a recipe may ask for.
head -c 4096 /dev/urandom | LC_ALL=C tr -dc 'A-Za-z0-9' | head -c "$length" > "$new"
echo >> "$new"
[ "$(wc -c < "$new")" -eq "$((length + 1))" ]

"$@" < "$new"

mv -f "$new" "$secrets/$name"
# The note must not reach the disk before what it stands for.
sync
: > "$notes/$name.done"
sync
