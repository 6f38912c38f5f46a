# The digest says which bytes; where they come from does not matter then.
# shellcheck disable=SC2154 # url and sha256 are set in front of this
set -u
umask 022

# Seen by whoever looks for the reason why no agent comes.
say() {
    echo "amint: $*" >&2
    { echo "amint: $*" >/dev/console; } 2>/dev/null || :
}

for agent in amazon-ssm-agent /snap/amazon-ssm-agent/current/amazon-ssm-agent; do
    if command -v "$agent" >/dev/null; then exit 0; fi
done

folder=$(mktemp -d) || exit 1
trap 'rm -rf -- "$folder"' EXIT
package=$folder/package
log=$folder/log

fetch='import shutil, sys, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=60) as answer, open(sys.argv[2], "wb") as file:
    shutil.copyfileobj(answer, file)'

download() {
    if command -v curl >/dev/null; then
        curl --fail --silent --show-error --location --connect-timeout 10 --max-time 120 \
            --output "$package" --url "$url"
    elif command -v wget >/dev/null; then
        wget --no-verbose --tries=1 --timeout=60 --output-document="$package" -- "$url"
    elif command -v python3 >/dev/null; then
        python3 -c "$fetch" "$url" "$package"
    else
        echo 'neither curl nor wget nor python3 is there'
        return 1
    fi
}

# The package manager can be busy with the first boot's updates. The digest has been compared: a signature
# by a key that the system does not know would say less.
install_package() {
    if [ "$(head -c 4 "$package")" = '!<ar' ]; then
        DEBIAN_FRONTEND=noninteractive dpkg -i "$package"
    else
        rpm -U --replacepkgs --nosignature "$package"
    fi
}

# attempt WHAT COMMAND...: tries until it works, for five minutes.
attempt() {
    what=$1
    shift
    until=$(($(date +%s) + 300))
    while ! "$@" >"$log" 2>&1; do
        if [ "$(date +%s)" -ge "$until" ]; then
            say "cannot $what: $(tail -n 1 "$log")"
            exit 1
        fi
        sleep 5
    done
}

attempt "download the SSM agent from $url" download

actual=$(sha256sum <"$package")
if [ "${actual%% *}" != "$sha256" ]; then
    say "the SSM agent was refused: the SHA-256 of $url is ${actual%% *}, expected $sha256"
    exit 1
fi

attempt 'install the SSM agent' install_package
attempt 'start the SSM agent' systemctl enable --now amazon-ssm-agent.service
