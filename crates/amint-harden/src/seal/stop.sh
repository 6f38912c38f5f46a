
# The remote agent, its workers included. The SSM agent's unit has KillMode=process: stopping it ends one
# process, and an older systemd forgets the control group that still holds the others. So the group is asked
# for first, and killed until nothing is left in it. Stopping comes before killing: a unit that is being
# stopped is not started again. Ubuntu ships the agent as a snap, under another name.
agents='qemu-guest-agent.service amazon-ssm-agent.service snap.amazon-ssm-agent.amazon-ssm-agent.service'
# shellcheck disable=SC2086 # a list of names
groups=$(systemctl show --property=ControlGroup --value $agents)
# shellcheck disable=SC2086
systemctl stop --no-block $agents
# shellcheck disable=SC2086
systemctl kill --signal=KILL $agents
for group in $groups; do
    case $group in *.service) ;; *) continue ;; esac
    # The one hierarchy of control groups, or systemd's own among several.
    for folder in /sys/fs/cgroup /sys/fs/cgroup/systemd; do
        tries=100
        while [ "$tries" -gt 0 ] && pids=$(cat "$folder$group/cgroup.procs") && [ -n "$pids" ]; do
            # shellcheck disable=SC2086 # a list of numbers
            kill -KILL $pids
            sleep 0.02
            tries=$((tries - 1))
        done
    done
done

# The journal goes to memory and its files are let go of; where journald is too old for that (before
# systemd 245), it is stopped.
journalctl --relinquish-var || systemctl stop systemd-journald.socket systemd-journald-dev-log.socket \
    systemd-journald-audit.socket systemd-journald.service

# Everything else that runs or could start something, stopped in an orderly way, as a shutdown would: a
# database must find its files in order at the next boot. One that goes on would hold deleted files, and the
# file system could not be closed.
systemctl list-units --type=service,scope,socket,timer,path --state=running,abandoned,listening,waiting \
    --plain --no-legend --full >units
set --
while read -r unit _; do
    case $unit in
    amint-seal.service | init.scope | systemd-journald* | systemd-udevd*) ;;
    *) set -- "$@" "$unit" ;;
    esac
done <units
[ $# -eq 0 ] || systemctl stop "$@"

# auditd refuses to be stopped, and ends by itself when it is told to.
systemctl kill --signal=TERM auditd.service

# run NUMBER STEP [ARGUMENT...]: a failure is written into the marker, and the rest goes on.
failed=
run() {
    script=$1-$2.sh
    step=$2
    shift 2
    sh "$script" "$@" || failed="$failed $step"
}

