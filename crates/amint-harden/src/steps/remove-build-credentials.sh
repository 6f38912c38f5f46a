#!/bin/sh
# Removes what the tools of a build keep to log in somewhere, and the keys that log in from here, in every
# account's home, wherever it is. Overwritten before they are removed, as far as the file system allows.
set -eu

# shellcheck disable=SC2016 # the inner shell expands it
erase='for file do
    if [ -f "$file" ] && [ ! -L "$file" ]; then
        shred -u -n 1 -- "$file" 2>/dev/null || : >"$file"
    fi
    rm -f -- "$file"
done'

# A secret that is set to something, or an address with a password in it.
names='(secret(_access)?(_?key)?|passw(or)?d|passphrase|token|_auth|"auth"|api_?key|private_?key)'
sets='["'\'']?[[:space:]]*[:=>]+[[:space:]]*["'\'']?[^[:space:]"'\''}{<$#]'
has_password='://[^/:@[:space:]]+:[^/@$[:space:]]+@'

# A link is not followed: what it leads to is reported by the check.
tidy() {
    home=$1
    shift
    for entry in "$home"/.[!.]*; do
        if [ -e "$entry" ] || [ -L "$entry" ]; then set -- "$@" "$entry"; fi
    done
    [ $# -gt 0 ] || return 0
    # Files that are there to hold a secret, settings that may hold one, and keys of any name.
    find "$@" -maxdepth 5 ! -type d \( \
        -path '*/.aws/credentials' -o -path '*/.aws/sso/cache/*' -o -path '*/.aws/cli/cache/*' \
        -o -path '*/.azure/accessTokens.json' -o -path '*/.azure/msal_token_cache*' \
        -o -path '*/.azure/service_principal_entries*' \
        -o -path '*/.boto' -o -path '*/.cargo/credentials' -o -path '*/.cargo/credentials.toml' \
        -o -path '*/.composer/auth.json' -o -path '*/.config/composer/auth.json' \
        -o -path '*/.config/containers/auth.json' -o -path '*/.config/doctl/config.yaml' \
        -o -path '*/.config/gcloud/access_tokens.db' \
        -o -path '*/.config/gcloud/application_default_credentials.json' \
        -o -path '*/.config/gcloud/credentials.db' -o -path '*/.config/gcloud/legacy_credentials/*' \
        -o -path '*/.config/gh/hosts.yml' -o -path '*/.config/git/credentials' -o -path '*/.config/hub' \
        -o -path '*/.config/rclone/rclone.conf' -o -path '*/.gem/credentials' \
        -o -path '*/.git-credentials' -o -path '*/.kube/config' -o -path '*/.mylogin.cnf' \
        -o -path '*/.netrc' -o -path '*/.pgpass' -o -path '*/.s3cfg' \
        -o -path '*/.terraform.d/credentials.tfrc.json' -o -path '*/.vault-token' \
        -o -path '*/.gnupg/private-keys-v1.d/*' -o -path '*/.gnupg/secring.gpg' \
        -o -path '*/.ssh/id_*' -o -path '*/.ssh/known_hosts*' \
        \) -exec sh -c "$erase" sh {} + \
        -o -type f \( \
        -path '*/.aws/config' -o -path '*/.docker/config.json' -o -path '*/.dockercfg' -o -path '*/.env' \
        -o -path '*/.m2/settings.xml' -o -path '*/.my.cnf' -o -path '*/.npmrc' -o -path '*/.pypirc' \
        -o -path '*/.terraformrc' -o -path '*/.yarnrc.yml' \
        \) -exec grep -qiE -e "$names$sets" -e "$has_password" {} \; -exec sh -c "$erase" sh {} + \
        -o -type f -path '*/.ssh/*' -exec grep -q 'PRIVATE KEY-----' {} \; -exec sh -c "$erase" sh {} +
}

set -- /root /home/*
while IFS=: read -r _ _ _ _ _ home _ || [ -n "$home" ]; do
    case $home in /*) set -- "$@" "$home" ;; esac
done </etc/passwd

for home in "$@"; do tidy "$home"; done

# Terraform's state holds every secret that it made, wherever it was run.
set --
for folder in /root /home; do
    if [ -d "$folder" ]; then set -- "$@" "$folder"; fi
done
[ $# -eq 0 ] || find -H "$@" -xdev -type f \( -name '*.tfstate' -o -name '*.tfstate.backup' \) \
    -exec sh -c "$erase" sh {} +
