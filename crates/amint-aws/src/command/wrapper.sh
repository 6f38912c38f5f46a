# Runs a script with all that it prints in memory: nothing of it is ever on the disk. At the end it prints
# the log if that fits into what SSM keeps of a command's output, after a line that tells its size.
umask 077
folder=/run/amint/command/@TOKEN@
mkdir -p /run/amint/command || exit 126

# What the agent gets when the script is done: more than this is read by commands of its own.
finish() {
    size=$(wc -c <"$folder/log") || exit "$1"
    read -r boot </proc/sys/kernel/random/boot_id || boot=unknown
    echo "amint-log $boot" $((size))
    if [ "$size" -le 23000 ]; then
        cat "$folder/log"
        echo amint-end
    fi
    exit "$1"
}

if ! mkdir "$folder" 2>/dev/null; then
    # The same command was sent before, its answer was lost: it runs or ran, and must not run twice.
    until [ -s "$folder/exit" ]; do sleep 1; done
    read -r code <"$folder/exit"
    finish "$code"
fi
: >"$folder/log" || exit 126
# The mark keeps SSM from taking two braces for one of its own parameters.
sed 's/@MARK@//g' >"$folder/script" <<'@END@' || exit 126
@SCRIPT@
@END@
umask 022
# Not the agent's: the same on every image.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
export PATH HOME LANG
(cd / && exec sh "$folder/script") </dev/null >"$folder/log" 2>&1
code=$?
# By this code the agent reboots and runs everything again, which is not twice.
if [ "$code" -eq 194 ]; then
    rm -rf "$folder"
    exit "$code"
fi
echo "$code" >"$folder/exit"
finish "$code"
