# Is the machine ready to be worked on? Prints its boot id and what is still missing.
# Exit code 75 (EX_TEMPFAIL of sysexits.h): not yet. It asks once and never waits.
# The boot id from before a reboot is in $previous; empty when there was none.
previous=${previous-}
missing=

read -r boot </proc/sys/kernel/random/boot_id || boot=
echo "boot-id $boot"
if [ -z "$boot" ] || [ "$boot" = "$previous" ]; then
    missing="$missing; the reboot has not happened yet"
fi

state=$(systemctl is-system-running 2>/dev/null)
case $state in
'' | starting | initializing)
    missing="$missing; the boot has not finished (systemd says: ${state:-nothing})"
    ;;
esac

# cloud-init: done, disabled, or not there. Asking cloud-init itself would start Python.
if [ ! -e /run/cloud-init/result.json ] && [ ! -e /run/cloud-init/disabled ]; then
    for folder in /etc/systemd/system /usr/lib/systemd/system /lib/systemd/system; do
        unit=$folder/cloud-final.service
        if [ -s "$unit" ]; then
            missing="$missing; cloud-init has not finished"
            break
        elif [ -e "$unit" ]; then
            # Masked.
            break
        fi
    done
fi

# Package managers lock whole files with fcntl(2): look for their inodes among all locks.
locks=
for file in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/lib/rpm/.rpm.lock; do
    [ -e "$file" ] && locks="$locks $file"
done
if [ -n "$locks" ]; then
    # shellcheck disable=SC2086 # the names above have no blanks
    stat -c '%d %i %n' $locks | {
        held=
        while read -r device inode file; do
            # The kernel's own numbering of devices, as in new_encode_dev().
            major=$((device >> 8 & 0xfff))
            minor=$((device & 0xff | device >> 12 & 0xfff00))
            place=$(printf '%02x:%02x:%d' "$major" "$minor" "$inode")
            while read -r _ _ _ _ _ where _; do
                [ "$where" = "$place" ] && held="$held $file"
            done </proc/locks
        done
        [ -z "$held" ] || { echo "missing: package locks are held:$held"; exit 75; }
    } || exit 75
fi

if [ -n "$missing" ]; then
    echo "missing: ${missing#; }"
    exit 75
fi
