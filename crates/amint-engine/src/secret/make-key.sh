# Makes a key pair for one delivery, in memory, and prints its public half.
set -eu
umask 077
if ! command -v openssl >/dev/null 2>&1; then
    echo 'missing: openssl'
    exit 75
fi
# What lies on a disk can be read from it later.
case $(stat -f -c %T /run) in
tmpfs | ramfs) ;;
*)
    echo 'missing: a /run in memory'
    exit 75
    ;;
esac
rm -rf /run/amint/exchange
mkdir -p /run/amint/exchange /run/amint/secrets
chmod 0700 /run/amint/exchange /run/amint/secrets
cd /run/amint/exchange
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out key 2>log || {
    cat log
    exit 1
}
openssl pkey -in key -pubout
