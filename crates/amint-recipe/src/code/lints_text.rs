//! Lints: what a text holds.

use super::info::{CodeInfo, guard, lint};

pub(super) static CODES: [CodeInfo; 3] = [
    lint(
        "AM0115",
        "a placeholder was never filled in",
        "A text holds `<your-…>`, `CHANGEME`, `ami-xxxxxxxx` or the like.",
        "description: Web server of <your-company>",
        "description: Web server of Example Corp.",
        "It was copied from an example. In a script, `<name>` is even a redirection.",
    ),
    guard(
        "AM0116",
        "a credential stands in the recipe",
        "A text holds a private key, an access key or a token, by its form.",
        r#"steps:
  - shell: { run: "curl -H 'Authorization: token ghp_abcdefghijklmnopqrstuvwxyz0123456789' https://api.example.com" }"#,
        r#"steps:
  - shell: { run: "curl -H @/run/token https://api.example.com" }"#,
        "A recipe is in version control, in logs and in plans; whoever can read one of them has the credential. \
         Replace it at its issuer: what was once committed stays in the history. Let the builder use its instance \
         profile, or fetch the secret where it is used. The value is never shown.",
    ),
    lint(
        "AM0117",
        "something looks like a password",
        "A text gives a value to a name that ends in `password`, `secret` or `token`, or holds \
         `user:password@host`.",
        r#"steps:
  - file: { content: "db_password=correct-horse", to: /etc/web.conf }"#,
        r"steps:
  - first-boot-secret: { name: db-password, command: /opt/web/bin/set-db-password }",
        "The same password would be on every instance, and in everything that shows the recipe. The value is \
         never shown.",
    ),
];
