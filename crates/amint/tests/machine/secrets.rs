//! A secret variable on a real machine: the steps get it, and nobody else does.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::mint::search;
use crate::world::{Built, World};

const VALUE: &str = "S3cr3t-of-a-variable/+&'7f1c";

const STEPS: &str = r#"  - shell:
      name: inline
      run: |
        token={{api-token}}
        # Printed as nobody should: masked in all that is written.
        echo "it is $token."
        printf %s "$token" | sha256sum | cut -c1-64 >/opt/inline
        test "$(stat -c %a:%u:%T /run/amint/secrets/api-token | cut -d: -f1-2)" = 600:0
        test ! -e /run/amint/exchange
  - reboot: {}
  - shell: { name: by path, script: read.sh }
variables:
  api-token: { secret: true, from: { env: TOKEN } }"#;

/// Every file below a folder that holds the text, the image left out.
fn holders(folder: &Path, text: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let kind = std::fs::symlink_metadata(&path).unwrap().file_type();
        if kind.is_dir() {
            holders(&path, text, found);
        } else if kind.is_file() && path.extension().is_none_or(|extension| extension != "raw") {
            let bytes = std::fs::read(&path).unwrap();
            if bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
            {
                found.push(path.display().to_string());
            }
        }
    }
}

#[test]
fn steps_get_a_secret_and_nobody_else_does() {
    let world = World::new();
    world.write(
        "read.sh",
        "printf 'again ' >/opt/by-path\ntr -d '\\n' </run/amint/secrets/api-token | sha256sum | cut -c1-64 >>/opt/by-path\n",
    );
    let recipe = world.recipe(STEPS);
    let mut command = world.build(&recipe, &[]);
    command.env("TOKEN", VALUE);
    let built = Built::of(command.spawn().unwrap());
    assert_eq!(built.code, 0, "{}", built.stderr);
    world.assert_nothing_left();

    // Not in base64 and not reversed either: the search of the build itself looked for such forms.
    let digest: String = Sha256::digest(VALUE)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let again = format!("again {digest}");
    let disk = world.path("out/image.raw");
    let found = search(
        &disk,
        &[VALUE.as_bytes(), again.as_bytes(), digest.as_bytes()],
    );
    let texts: Vec<&str> = found.iter().map(|(_, text)| text.as_str()).collect();
    assert!(!texts.contains(&VALUE), "{found:?}");
    assert!(texts.contains(&again.as_str()), "{found:?}");
    assert!(texts.contains(&digest.as_str()), "{found:?}");

    let mut told = Vec::new();
    holders(&world.path("."), VALUE, &mut told);
    assert_eq!(told, [""; 0]);
    let events = serde_json::to_string(&built.events).unwrap();
    for written in [&events, &built.stderr] {
        assert!(!written.contains(VALUE), "{written}");
    }
    assert!(events.contains("it is ***."), "{events}");
    assert!(events.contains("the builder has the secrets: api-token"));
}
