# Prints a part of a command's log, from byte @FROM@ (0 is the first) on, as base64: what is printed as it
# is may be changed on its way. The line before it tells the boot that the log is of, and the log's size.
log=/run/amint/command/@TOKEN@/log
[ -f "$log" ] || exit 0
size=$(wc -c <"$log") || exit 1
read -r boot </proc/sys/kernel/random/boot_id || boot=unknown
from=@FROM@
seen='@BOOT@'
if [ -n "$seen" ] && [ "$boot" != "$seen" ]; then
    # Another boot's log is another log.
    from=0
fi
echo "amint-log $boot" $((size))
tail -c "+$((from + 1))" "$log" | head -c 17000 | base64
