# Puts a file in place: path $1, mode $2, owner $3, group $4 (the owner's when empty), and whether this
# piece on stdin is the first, the next, the last or the only one.
umask 077
folder=${1%/*}
part="$1.amint-part"
[ -d "$folder/" ] || (umask 022 && mkdir -p "$folder") || exit 3
[ ! -d "$1" ] || exit 6
full() {
    rm -f "$part"
    exit 4
}
case $5 in
first | only) cat >"$part" || full ;;
*) cat >>"$part" || full ;;
esac
case $5 in
first | next) exit 0 ;;
esac
if [ "$3:$4" != root: ]; then
    chown "$3:$4" "$part" || {
        rm -f "$part"
        exit 5
    }
fi
chmod "$2" "$part" || full
mv -f "$part" "$1" || full
