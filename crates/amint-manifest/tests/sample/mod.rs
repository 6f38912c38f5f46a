//! A manifest with every field filled.

use amint_manifest::{
    Action, BaseImage, Build, Finding, HardeningStep, Image, Inspection, Manifest, Packages,
    Partition, Recipe, SchemaVersion, Scope, Severity, Stage, Step, Timing, Tool, Verdict, Waiver,
};

/// A digest that is easy to tell apart: one hex digit, 64 times.
pub(crate) fn digest(digit: char) -> String {
    digit.to_string().repeat(64)
}

pub(crate) fn sample() -> Manifest {
    Manifest {
        schema: SchemaVersion::V1,
        digest: None,
        recipe: Recipe {
            file: "demo.yaml".into(),
            name: "demo".into(),
            version: "1.2.0".into(),
            sha256: digest('1'),
        },
        plan: digest('2'),
        fingerprint: Some(digest('6')),
        base_image: BaseImage {
            id: "debian-bookworm-amd64".into(),
            name: "Debian bookworm".into(),
            created: Some("2026-11-03T00:00:00.000Z".into()),
            sha256: Some(digest('3')),
            packages: Some(Packages {
                count: 214,
                sha256: digest('4'),
            }),
        },
        tool: Tool {
            name: "amint".into(),
            version: "0.1.0".into(),
        },
        build: Build {
            id: "01jd7zq3x0000000000000000".into(),
            started: "2026-11-21T20:00:00Z".into(),
            finished: "2026-11-21T20:00:21Z".into(),
        },
        steps: vec![
            Step {
                index: 1,
                name: "install the service".into(),
                kind: "file".into(),
                actions: vec![Action::Upload {
                    to: "/opt/demo/bin/serve".into(),
                    sha256: digest('5'),
                    size: 812,
                }],
                duration_ms: 35,
                exit_code: None,
            },
            Step {
                index: 2,
                name: "restart".into(),
                kind: "reboot".into(),
                actions: vec![
                    Action::Run {
                        sha256: digest('6'),
                    },
                    Action::Reboot {},
                ],
                duration_ms: 9_000,
                exit_code: Some(0),
            },
        ],
        profile: "marketplace-linux@1".into(),
        hardening: vec![
            HardeningStep {
                id: "disable-root-ssh".into(),
                sha256: digest('7'),
                stage: Stage::Attached,
            },
            HardeningStep {
                id: "lock-root-password".into(),
                sha256: digest('8'),
                stage: Stage::Detached,
            },
        ],
        image: Image {
            name: "demo-1.2.0".into(),
            location: "out/demo-1.2.0/image.raw".into(),
            format: "raw".into(),
            size: 3 << 30,
            digest: format!("sparse-sha256-v1:{}", digest('9')),
            copies: Vec::new(),
        },
        inspection: Inspection {
            verdict: Verdict::Clean,
            findings: vec![
                Finding {
                    rule: "MP-CLEAN-005".into(),
                    severity: Severity::Warning,
                    path: Some("/var/cache/apt/pkgcache.bin".into()),
                    offset: None,
                    message: "a package cache is not empty".into(),
                    step: Some("clear-package-cache".into()),
                    waived: true,
                },
                Finding {
                    rule: "MP-CLEAN-004".into(),
                    severity: Severity::Info,
                    path: None,
                    offset: Some(1_048_576),
                    message: "a tracer lies in free space".into(),
                    step: None,
                    waived: false,
                },
            ],
            scope: Scope {
                data_disks: Vec::new(),
                size: 3 << 30,
                written: 640 << 20,
                partitions: vec![Partition {
                    offset: 1 << 20,
                    length: 3_220_176_896,
                    file_system: Some("ext4".into()),
                }],
                searched_for: vec!["7 tracers".into()],
                not_seen: vec!["compressed copies".into()],
            },
        },
        waivers: vec![Waiver {
            rule: "MP-CLEAN-005".into(),
            path: Some("/var/cache/apt/pkgcache.bin".into()),
            reason: "speeds up the first installation".into(),
            expires: "2027-01-31".into(),
            findings: 1,
        }],
        timings: vec![
            Timing {
                phase: "preflight".into(),
                duration_ms: 12,
            },
            Timing {
                phase: "launch".into(),
                duration_ms: 840,
            },
        ],
    }
}
