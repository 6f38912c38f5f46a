
# Plants a tracer in each place that the seal must clear, and reads each back from the device, past every
# cache. The tracers are handed to other programs in a file in memory, so that no command line holds one.
# shellcheck disable=SC2154 # the names are set in front of this
set -eu
umask 077

memory=/run/amint/tracers
rm -rf "$memory"
mkdir -p "$memory"

if ! command -v filefrag >/dev/null; then
    echo 'cannot read tracers back: filefrag is missing on the builder (package e2fsprogs)' >&2
    exit 1
fi

history_path=/root/.amint_history
log_path=/var/log/amint-tracer.log
temporary_path=/var/tmp/amint-tracer
file_path=/root/amint-tracer
folder_path=/var/tmp/amint-tracers

printf '%s\n' "$history" >"$history_path"
printf '%s\n' "$log" >"$log_path"
printf '%s\n' "$temporary_file" >"$temporary_path"
printf '%s\n' "$file" >"$file_path"
mkdir -p "$folder_path"
: >"$folder_path/$name"

if [ -n "$application_log_path" ]; then
    # A folder gets a file of its own, a file another line; what is not there yet is not made.
    [ ! -d "$application_log_path" ] || application_log_path=$application_log_path/amint-tracer.log
    if [ -f "$application_log_path" ] || [ -d "${application_log_path%/*}" ]; then
        printf '%s\n' "$application_log" >>"$application_log_path"
    else
        application_log_path=
    fi
fi

# A journal that is only kept in memory has nothing to clear.
journal_path=
if [ -d /var/log/journal ] && command -v systemd-cat >/dev/null; then
    printf '%s\n' "$journal" | systemd-cat -t amint
    journalctl --sync
    read -r machine </etc/machine-id
    journal_path=/var/log/journal/$machine/system.journal
fi

# Folders only reach their place on the disk by a sync of everything.
sync

never_reached() {
    echo "the tracer $1 never reached the disk: $2" >&2
    exit 1
}

# locate FILE OFFSET: sets the device, its block size, and the block that holds this byte of FILE. Fails where
# the file system does not tell.
locate() {
    device=$(df --output=source "$1") || return 1
    device=/dev/${device##*/dev/}
    [ -b "$device" ] || return 1
    found=$(filefrag -v "$1" 2>/dev/null | awk -v at="$2" '
        / blocks? of [0-9]+ bytes\)$/ { size = $(NF - 1); wanted = int(at / size) }
        $1 ~ /^[0-9]+:$/ {
            gsub(/[.:]/, " ")
            if ($2 <= wanted && wanted <= $3) printf "%d %.0f", size, $4 + wanted - $2
        }')
    size=${found% *}
    block=${found#* }
    [ -n "$found" ]
}

# on_device TRACER: whether the device holds the tracer in that block, or across its end.
on_device() {
    printf '%s\n' "$1" >"$memory/pattern"
    dd if="$device" iflag=direct bs="$size" skip="$block" count=2 status=none |
        grep -qaFf "$memory/pattern"
}

# control NAME TRACER FILE [OFFSET]
control() {
    if ! locate "$3" "${4:-0}" || ! on_device "$2"; then never_reached "$1" "$3"; fi
    echo "planted $1"
}

# offset TRACER FILE: where FILE last holds the tracer, in $at.
offset() {
    printf '%s\n' "$1" >"$memory/pattern"
    at=$(grep -aboFf "$memory/pattern" "$2") || return 1
    at=${at%:*}
    at=${at##*[!0-9]}
}

control history "$history" "$history_path"
control log "$log" "$log_path"
control temporary_file "$temporary_file" "$temporary_path"
control file "$file" "$file_path"

if locate "$folder_path" 0; then
    on_device "$name" || never_reached name "$folder_path"
    echo 'planted name'
else
    echo 'planted name, not read back: this file system does not tell where a folder is'
fi

if [ -n "$application_log_path" ]; then
    offset "$application_log" "$application_log_path" || never_reached application_log "$application_log_path"
    control application_log "$application_log" "$application_log_path" "$at"
else
    echo 'no tracer in an application log: none is declared, or its folder does not exist'
fi

if [ -f "$journal_path" ] && offset "$journal" "$journal_path"; then
    control journal "$journal" "$journal_path" "$at"
else
    echo 'no tracer in the journal: it is not kept on the disk'
fi

rm -rf -- "$temporary_path" "$file_path" "$folder_path" "$memory"
