//! One of each kind of secret at least, and what looks like one and is none.

use amint_inspect::search::SecretKind;

use crate::fixture::noise;

/// Text with one secret: what is before it, the secret, what is after it. None of them was ever in use. They are put
/// together here so that no scanner of sources takes them for what they look like.
pub struct Sample {
    pub kind: SecretKind,
    pub before: String,
    pub secret: String,
    pub after: String,
}

impl Sample {
    fn new(kind: SecretKind, before: &str, secret: &[&str], after: &str) -> Self {
        Self {
            kind,
            before: before.to_owned(),
            secret: secret.concat(),
            after: after.to_owned(),
        }
    }

    pub fn text(&self) -> Vec<u8> {
        [&*self.before, &self.secret, &self.after]
            .concat()
            .into_bytes()
    }
}

/// Characters that look random and are always the same.
pub fn random(length: usize, alphabet: &[u8]) -> String {
    noise(4 * length + 64)
        .iter()
        .skip(length)
        .filter(|byte| usize::from(**byte) < 256 / alphabet.len() * alphabet.len())
        .map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()]))
        .take(length)
        .collect()
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const ALNUM: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
pub const CRYPT: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `length` characters of base64 in lines of 64, after `first`.
fn lines(first: &str, length: usize, between: &str) -> String {
    let text = format!("{first}{}", random(length, BASE64));
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    lines.join(between)
}

fn pem(label: &str, header: &str, content: &str) -> [String; 2] {
    [
        format!("-----BEGIN {label}PRIVATE KEY-----\n{header}{content}"),
        format!("\n-----END {label}PRIVATE KEY-----\n"),
    ]
}

pub fn samples() -> Vec<Sample> {
    use SecretKind::*;
    let mut all = Vec::new();
    let mut add = |kind, before: &str, secret: &[&str], after: &str| {
        all.push(Sample::new(kind, before, secret, after));
    };
    // Private keys.
    for (label, header, first) in [
        ("", "", "MC4CAQAwBQYDK2VwBCIE"),
        ("RSA ", "", "MIIEpAIBAAKCAQEA"),
        ("EC ", "", "MHcCAQEEI"),
        ("ENCRYPTED ", "", "MIIFHDBOBgkqhkiG9w0BBQ0w"),
        ("OPENSSH ", "", "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"),
        (
            "RSA ",
            "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n",
            "",
        ),
    ] {
        let [key, end] = pem(label, header, &lines(first, 300, "\n"));
        add(PrivateKey, "key: ", &[&key], &end);
    }
    let [key, end] = pem("RSA ", "", &lines("MIIEpAIBAAKCAQEA", 3200, "\n"));
    add(PrivateKey, "\0", &[&key], &end);
    let escaped = lines("MIIEvgIBADAN", 400, "\\n");
    add(
        PrivateKey,
        "{\"private_key\": \"",
        &["-----BEGIN PRIVATE", " KEY-----\\n", &escaped],
        "\\n-----END PRIVATE KEY-----\\n\"}",
    );
    let indented = lines("MIIEvgIBADAN", 400, "\r\n      ");
    add(
        PrivateKey,
        "tls.key: |\r\n      ",
        &["-----BEGIN PRIVATE", " KEY-----\r\n      ", &indented],
        "\r\n",
    );
    // Its last line is a checksum.
    let armour = lines("lQdGBGKx", 400, "\n") + "\n=abcd";
    add(
        PrivateKey,
        "",
        &[
            "-----BEGIN PGP PRIVATE",
            " KEY BLOCK-----\nVersion: GnuPG v2\nComment: none\n\n",
            &armour,
        ],
        "\n",
    );
    add(
        PrivateKey,
        "\"",
        &["b3BlbnNzaC1rZXktdjEA", &random(300, BASE64)],
        "\"",
    );
    let public = lines("AAAAC3", 100, "\n");
    let private = lines("", 60, "\n");
    let putty = format!(
        "3: ssh-ed25519\nEncryption: none\nComment: me\nPublic-Lines: 2\n{public}\nPrivate-Lines: 1\n{private}"
    );
    add(
        PuttyKey,
        "",
        &["PuTTY-User-Key-File-", &putty],
        "\nPrivate-MAC: 00\n",
    );
    // Hashes.
    let digest = |length: usize| format!("{}.", random(length - 1, CRYPT));
    add(
        PasswordHash,
        "root:",
        &["$1", "$sAltSalt$", &digest(22)],
        ":1:",
    );
    add(
        PasswordHash,
        "web:",
        &["$apr", "1$sAltSalt$", &digest(22)],
        "\n",
    );
    for minor in ["a", "b", "x", "y"] {
        add(
            PasswordHash,
            "\"",
            &["$2", minor, "$12$", &random(52, CRYPT), "O"],
            "\"",
        );
    }
    add(
        PasswordHash,
        "a:",
        &["$5", "$rounds=5000$0123456789abcdef$", &digest(43)],
        ":",
    );
    add(PasswordHash, "a:!", &["$6", "$sAlt$", &digest(86)], ":");
    add(
        PasswordHash,
        "a:",
        &["$7", "$CU..../....", &random(20, CRYPT), "$", &digest(43)],
        ":",
    );
    add(
        PasswordHash,
        "a:",
        &["$y", "$j9T$", &random(22, CRYPT), "$", &digest(43)],
        ":",
    );
    add(
        PasswordHash,
        "a:",
        &["$gy", "$j9T$", &random(22, CRYPT), "$", &digest(43)],
        ":",
    );
    add(
        PasswordHash,
        "a:",
        &["$sm", "3$sAltSalt$", &digest(43)],
        ":",
    );
    add(
        PasswordHash,
        "",
        &[
            "$argon",
            "2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQx$",
            &random(43, BASE64),
        ],
        "\n",
    );
    add(
        LdapHash,
        "userPassword: ",
        &["{SSHA", "}", &random(38, BASE64), "=="],
        "\n",
    );
    add(
        LdapHash,
        "userPassword: ",
        &["{SHA", "512}", &random(86, BASE64), "=="],
        "\n",
    );
    add(
        LdapHash,
        "userPassword: ",
        &["{CRYPT", "}abJnggxhB/yWI"],
        "\n",
    );
    add(
        DesHash,
        "root:",
        &["abJnggxhB/yWI"],
        ":19000:0:99999:7:::\n",
    );
    add(DesHash, "\nuser.name:!", &["abJnggxhB/yWI"], ":::::::\n");
    // AWS.
    let id = &["AK", "IAQ7RPZ3LNWB2VXKTD"];
    add(AwsAccessKeyId, "aws_access_key_id=", id, "\n");
    add(
        AwsAccessKeyId,
        "Credential=",
        &["AS", "IAQ7RPZ3LNWB2VXKTD"],
        "/20260101/us-east-1",
    );
    let secret = &["t9Vq3LwXb0RkZ7uGm1Yc", "5Hs8Jp2Nd4Fa6Te+Ko/W"];
    for (before, after) in [
        ("aws_secret_access_key = ", "\n"),
        ("export AWS_SECRET_ACCESS_KEY='", "'\n"),
        ("\"SecretAccessKey\": \"", "\","),
        ("{\\\"secretAccessKey\\\":\\\"", "\\\"}"),
        ("aws_secret_access_key: ", "\r\n"),
        ("<SecretAccessKey>", "</SecretAccessKey>"),
    ] {
        add(AwsSecretKey, before, secret, after);
    }
    let token = random(400, BASE64);
    for before in [
        "aws_session_token=",
        "\"SessionToken\": \"",
        "AWS_SESSION_TOKEN=\"",
        "\"TokenValue\":\"",
    ] {
        add(AwsSessionToken, before, &[&token], "\"");
    }
    // Tokens.
    add(
        GithubToken,
        "token ",
        &["gh", "p_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"],
        "\n",
    );
    add(
        NpmToken,
        "_authToken=",
        &["np", "m_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"],
        "\n",
    );
    add(
        GithubToken,
        "=",
        &[
            "github",
            "_pat_",
            &random(22, ALNUM),
            "_",
            &random(59, ALNUM),
        ],
        "@",
    );
    add(
        GitlabToken,
        ":",
        &["gl", "pat-", "x9Kq_2mZt-LbW4vRy7Hc"],
        "@gitlab",
    );
    add(
        SlackToken,
        "\"",
        &["xo", "xb-123456789012-1234567890123-", &random(24, ALNUM)],
        "\"",
    );
    add(StripeKey, "\"", &["sk", "_live_", &random(24, ALNUM)], "\"");
    add(
        GoogleKey,
        "key=",
        &["AI", "za", "Sy", "D3x-9Kq_2mZtLbW4vRy7HcQ0nEoUpJ1aF"],
        "&",
    );
    add(
        PypiToken,
        "password = ",
        &["pypi", "-AgEIcHlwaS5vcmc", &random(150, ALNUM)],
        "\n",
    );
    add(
        DockerToken,
        "\"",
        &["dckr", "_pat_", "x9Kq_2mZt-LbW4vRy7HcQ0nEoUp"],
        "\"",
    );
    add(
        VaultToken,
        "VAULT_TOKEN=",
        &["hv", "s.", &random(95, ALNUM)],
        "\n",
    );
    add(
        Jwt,
        "Bearer ",
        &[
            "eyJ",
            "hbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.",
            "eyJ",
            "zdWIiOiJ4In0.",
            &random(43, ALNUM),
        ],
        "\n",
    );
    // Logins.
    add(
        UrlPassword,
        "git clone ",
        &["https", "://builder:k3Wq-9xZt@git.corp.internal"],
        "/repo",
    );
    add(
        UrlPassword,
        "\"",
        &["redis", "://:k3Wq-9xZt@10.0.0.5"],
        ":6379",
    );
    add(
        NetrcPassword,
        "\n",
        &[
            "machine",
            " packages.corp.internal\n  login builder\n  password k3Wq-9xZt",
        ],
        "\n",
    );
    all
}

/// What looks like a secret and is none.
pub fn near_misses() -> Vec<String> {
    let body = lines("MIIEpAIBAAKCAQEA", 300, "\n");
    let digest = |length: usize| format!("{}.", random(length - 1, CRYPT));
    let token = "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17";
    let secret = "t9Vq3LwXb0RkZ7uGm1Yc5Hs8Jp2Nd4Fa6Te+Ko/W";
    vec![
        // Headers of keys, and text about them.
        "-----BEGIN RSA PRIVATE KEY-----\0-----END RSA PRIVATE KEY-----\0".into(),
        "-----BEGIN PRIVATE KEY-----\nMIIEvgIBADANBgkqhkiG9w0BAQEFAASC...\n-----END PRIVATE KEY-----".into(),
        "-----BEGIN PRIVATE KEY-----\nMore about keys is found in the manual of this program, in \
         its Part B2, or C3\n".into(),
        format!("-----BEGIN CERTIFICATE-----\n{body}\n"),
        format!("-----BEGIN PUBLIC KEY-----\n{body}\n"),
        format!("----BEGIN RSA PRIVATE KEY----\n{body}\n"),
        format!("-----END RSA PRIVATE KEY-----\n{body}\n"),
        format!("-----BEGIN RSA PRIVATE KEY-----{body}"),
        format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n", "MIIE".repeat(40)),
        format!("-----BEGIN RSA PRIVATE KEY-----\nQ{}\n", &body[1..]),
        "PuTTY-User-Key-File-2: \0PuTTY-User-Key-File-3: \0Encryption: \0".into(),
        "b3BlbnNzaC1rZXktdjEAAAAA".into(),
        // Hashes of a wrong length, alphabet or shape.
        format!("$6$salt${}", digest(85)),
        format!("$6$salt${}", digest(87)),
        format!("$6$salt${}z", random(85, CRYPT)),
        format!("$6$saltsaltsaltsalts${}", digest(86)),
        format!("$6$salt${}", digest(86).replace(|_: char| true, "x")),
        format!("$6$rounds=50x$salt${}", digest(86)),
        format!("$1$saltsalts${}", digest(22)),
        format!("$5$salt${}-{}", random(20, CRYPT), digest(22)),
        format!("$2b$32${}O", random(52, CRYPT)),
        format!("$2b$12${}P", random(52, CRYPT)),
        format!("$2b$12${}O", random(50, CRYPT)),
        format!("$y$${}${}", random(22, CRYPT), digest(43)),
        format!("$argon2id$v=19$m=65536,t=3,p=4$short${}", random(43, BASE64)),
        format!("{{SSHA}}{}", random(24, BASE64)),
        format!("{{SHA}}{}", random(28, BASE64)),
        "root:!:19000:0:99999:7:::\nbin:*:19000:0:99999:7:::\n".into(),
        "abJnggxhB/yWI".into(),
        "root:abJnggxhB/yWJ:19000:0:99999:7:::\n".into(),
        "std::abJnggxhB/yWI:::\n".into(),
        "a name:abJnggxhB/yWI:x:0:99999:7:::\n".into(),
        // AWS.
        "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = \
         wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n".into(),
        "AKIAXXXXXXXXXXXXXXXX AKIA2222222222222222 AKIAABCDEFGHIJKLMNOP".into(),
        "xAKIAQ7RPZ3LNWB2VXKTD AKIAQ7RPZ3LNWB2VXKTDX AKIAQ7RPZ3LNWB2VXKT".into(),
        "AKIAQ7RPZ3LNWB2VXKT1 AKIAq7RPZ3LNWB2VXKTD".into(),
        secret.into(),
        format!("aws_secret_access_key = {secret}x"),
        format!("aws_secret_access_key = {}", &secret[1..]),
        format!("aws_secret_access_key = {}", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        format!("aws_secret_access_key is what {secret} may be"),
        "aws_session_token = ${TOKEN}\n\"SessionToken\": \"string\"".into(),
        format!("aws_session_token = {}", "A".repeat(300)),
        // Tokens.
        format!("ghp_{}8", &token[..35]),
        format!("xghp_{token} ghp_{token}x"),
        format!("npm_{}", random(36, ALNUM)),
        "github_pat_11AAAAAAA0xxxxxxxxxxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx".into(),
        "glpat-xxxxxxxxxxxxxxxxxxxx glpat-short glpat-<your-token-here>".into(),
        "xoxb-your-token xoxb-123456789012-abc xoxp-XXXXXXXXXXXX-XXXXXXXXXXXX".into(),
        format!("sk_test_{} sk_live_xxxxxxxxxxxxxxxxxxxxxxxx", random(24, ALNUM)),
        format!("AIza{} AIzaSy...", random(36, ALNUM)),
        "AIzaXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX".into(),
        "pypi-AgEIcHlwaS5vcmc dckr_pat_XXXXXXXXXXXXXXXXXXXXXXXXXXX hvs.your-token obj.hvs.value".into(),
        format!(
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0. eyJhbGciOiJub25lIn0.{}.{}",
            random(20, ALNUM),
            random(43, ALNUM)
        ),
        format!("eyJmb28iOiJiYXIifQ.eyJzdWIiOiJ4In0.{}", random(43, ALNUM)),
        // Logins.
        "https://user:password@example.com/ https://user:k3Wq-9xZt@git.example.org/ \
         ftp://anonymous@ftp.corp.internal/".into(),
        "https://$USER:$TOKEN@github.com/ https://user:{token}@github.com/ https://user:<token>@github.com/".into(),
        "https://github.com:8080/a@b mailto:a:b@c http://a:b@c".into(),
        "machine api.example.com login me password k3Wq-9xZt\nmachine learning login systems \
         password protected\n".into(),
        "the machine a.b.c has no login and no password\n".into(),
    ]
}
