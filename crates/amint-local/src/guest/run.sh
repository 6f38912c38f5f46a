# Runs one command: its token is $1, its script comes on stdin.
umask 077
commands=/run/amint/commands
[ -d "$commands" ] || mkdir -p "$commands"
cd "$commands" || exit 126
# A token that was used before names the command that is running or done.
mkdir "$1" 2>/dev/null || exit 125
cat >"$1/script"
# Out of the agent's control group: an upgrade of the agent restarts it, and would end this too.
cgroup=/sys/fs/cgroup/amint
if [ -d "$cgroup" ] || mkdir "$cgroup" 2>/dev/null; then
    echo $$ 2>/dev/null >"$cgroup/cgroup.procs"
fi
umask 022
(cd / && exec sh "$commands/$1/script") </dev/null >"$1/log" 2>&1
code=$?
echo "$code" >"$1/exit"
exit "$code"
