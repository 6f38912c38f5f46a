# Fetches an object to "$1" with the instance's own role. url, object, endpoint, region and sha256 are set above.
set -eu
umask 077
: "${url:?}" "${object:?}" "${region:?}" "${sha256:?}"
to=$1
part=$to.part
imds=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}
imds=${imds%/}/latest

fail() {
	rm -f -- "$part"
	printf '%s\n' "amint: $1" >&2
	exit 1
}

# curl signs headers of its user's since 7.86; a session token is one.
signs() {
	version=$(curl --version 2>/dev/null | sed -n '1s/^curl \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
	[ -n "$version" ] || return 1
	major=${version% *} minor=${version#* }
	[ "$major" -gt 7 ] || { [ "$major" -eq 7 ] && [ "$minor" -ge 86 ]; }
}

# Settings come on standard input: nothing secret is ever in a command line.
quietly() {
	curl --config - --silent --show-error --fail --max-time 600 "$@"
}

metadata() {
	printf 'header = "X-aws-ec2-metadata-token: %s"\n' "$token" | quietly --noproxy '*' "$imds/meta-data/$1"
}

field() {
	printf '%s\n' "$credentials" | sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" | head -n 1
}

if signs; then
	token=$(printf 'header = "X-aws-ec2-metadata-token-ttl-seconds: 300"\n' |
		quietly --noproxy '*' --request PUT "$imds/api/token") || fail 'the metadata service does not answer'
	role=$(metadata iam/security-credentials/) || fail 'the instance has no role that could read the bucket'
	credentials=$(metadata "iam/security-credentials/$role") || fail "the role $role has no credentials"
	# The second header is the digest of the empty body.
	printf 'user = "%s:%s"\nheader = "x-amz-security-token: %s"\nheader = "x-amz-content-sha256: %s"\n' \
		"$(field AccessKeyId)" "$(field SecretAccessKey)" "$(field Token)" \
		e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 |
		quietly --retry 3 --aws-sigv4 "aws:amz:$region:s3" --output "$part" "$url" ||
		fail "$object could not be fetched: may the role $role read it?"
elif command -v aws >/dev/null 2>&1; then
	aws s3 cp --only-show-errors --region "$region" ${endpoint:+--endpoint-url "$endpoint"} "$object" "$part" ||
		fail "$object could not be fetched: may the instance's role read it?"
else
	fail 'fetching from a bucket needs curl 7.86 or the AWS CLI; install one of them in an earlier step'
fi
actual=$(sha256sum <"$part")
[ "${actual%% *}" = "$sha256" ] || fail "$object is not what was laid down there"
mv -f -- "$part" "$to"
