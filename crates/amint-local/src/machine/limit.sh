# Runs a program: for $1 seconds at most, with the process $2 (whoever it is, when empty), then the program.
# Who asks to die with its parent is not told when the parent was faster, so it looks.
[ -z "$2" ] || [ "$PPID" = "$2" ] || exit 1
seconds=$1
shift 2
# shellcheck disable=SC2016 # for the inner shell
exec timeout -s KILL "$seconds" setpriv --pdeathsig KILL \
    sh -c '[ "$PPID" = "$1" ] || exit 1; shift; exec "$@"' sh "$$" "$@"
