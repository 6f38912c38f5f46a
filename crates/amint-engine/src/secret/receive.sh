# Decrypts what was encrypted to the key of this delivery. Nothing of it is an argument, which others could see.
set -eu
umask 077
cd /run/amint/exchange
trap '[ $? -eq 0 ] || rm -rf /run/amint/exchange' EXIT

# The secret $1, from parts in base64 on standard input, one a line.
receive() {
    : >secret
    while read -r part; do
        printf '%s' "$part" | base64 -d >part
        openssl pkeyutl -decrypt -inkey key -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 \
            -pkeyopt rsa_mgf1_md:sha256 -in part -out clear </dev/null
        cat clear >>secret
    done
    mv -f secret "/run/amint/secrets/$1"
}
