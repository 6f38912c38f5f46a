//! What the search of all written blocks found: tracers, secrets of the build, and secrets that show by their shape, in
//! files and where they were deleted.

use std::collections::BTreeMap;

use amint_inspect::region::{Region, attribute};
use amint_inspect::search::{Hit, Pattern, Scan};
use amint_inspect::{BlockSource, ReadError};

use super::files::Files;
use super::{Expectations, kinds, known, scope};
use crate::finding::{Finding, Location, Severity};
use crate::rule::{MP_CLEAN_004, MP_SEC_008, Rule};
use crate::tracer::{MAGIC, Tracers};

/// Occurrences of one thing in one region that are listed one by one.
const LISTED: usize = 10;

/// What to search all written blocks for.
pub(super) struct Search {
    patterns: Vec<Pattern>,
    /// What each pattern stands for.
    meanings: Vec<Meaning>,
    /// Names of the build's secrets that cannot be searched for.
    too_short: Vec<String>,
}

/// What an occurrence of a pattern means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Meaning {
    /// A tracer of this build.
    Tracer,
    /// What all tracers begin with.
    AnyTracer,
    /// A form of a secret of the build.
    Secret,
}

/// One thing at one place.
struct Occurrence {
    offset: u64,
    kind: Kind,
}

/// What is told apart in findings.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Kind {
    rule: &'static str,
    severity: Severity,
    what: String,
}

impl Search {
    pub(super) fn of(expectations: &Expectations) -> Self {
        let tracers = tracers(&expectations.tracers);
        let (searchable, others): (Vec<_>, Vec<_>) = expectations
            .secrets
            .iter()
            .partition(|secret| secret.is_searchable());
        let secrets = searchable.into_iter().flat_map(|secret| {
            secret.forms().into_iter().map(|(form, bytes)| Pattern {
                id: format!("{}{form}", secret.name),
                bytes,
            })
        });
        let meant = |meaning| move |pattern| (pattern, meaning);
        let exact = !expectations.tracers.is_empty();
        let tracer = if exact {
            Meaning::Tracer
        } else {
            Meaning::AnyTracer
        };
        let (patterns, meanings) = tracers
            .into_iter()
            .map(meant(tracer))
            .chain(secrets.map(meant(Meaning::Secret)))
            .unzip();
        Self {
            patterns,
            meanings,
            too_short: others
                .into_iter()
                .map(|secret| secret.name.clone())
                .collect(),
        }
    }

    pub(super) fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// What was searched for, for people.
    pub(super) fn described(&self) -> Vec<String> {
        let mut described: Vec<String> = self
            .patterns
            .iter()
            .zip(&self.meanings)
            .filter_map(|(pattern, meaning)| match meaning {
                Meaning::Tracer => Some(scope::tracer(&pattern.id)),
                Meaning::AnyTracer => Some("tracers of any build".to_owned()),
                Meaning::Secret => None,
            })
            .collect();
        if self.meanings.contains(&Meaning::Secret) {
            described.push("the secrets of the build, also encoded".to_owned());
        }
        described.extend(kinds::SEARCHED_FOR.map(str::to_owned));
        described
    }

    /// What could not be searched for.
    pub(super) fn not_seen(&self) -> Vec<String> {
        let short =
            |name: &String| format!("copies of {name}: it is too short to be told from other text");
        self.too_short.iter().map(short).collect()
    }

    /// What the scan's hits mean.
    pub(super) fn judge(
        &self,
        source: &dyn BlockSource,
        scan: &Scan,
        files: &Files,
    ) -> Result<Vec<Finding>, ReadError> {
        let mut occurrences = self.named(source, scan)?;
        occurrences.extend(shaped(scan));
        let offsets: Vec<u64> = occurrences.iter().map(|one| one.offset).collect();
        let regions = match &files.layout {
            Some(layout) => attribute(source, layout, &offsets)?,
            None => vec![Region::OutsidePartitions; offsets.len()],
        };
        let places = offsets.iter().zip(regions);
        let regions = places.map(|(offset, region)| files.as_mounted(*offset, region));
        let regions = regions.collect();
        let mut findings = summarised(occurrences, regions);
        let mut more = |rule: &Rule, what: &str| {
            let message = format!("{what} occur more often than can be listed");
            findings.push(rule.violated(Location::Disk, message));
        };
        if scan.truncated {
            more(&MP_CLEAN_004, "tracers or secrets of the build");
        }
        if scan.secrets_truncated {
            more(&MP_SEC_008, "secrets");
        }
        Ok(findings)
    }

    /// Occurrences of patterns.
    fn named(&self, source: &dyn BlockSource, scan: &Scan) -> Result<Vec<Occurrence>, ReadError> {
        let mut occurrences = Vec::new();
        for hit in &scan.hits {
            let (Some(pattern), Some(meaning)) = (
                self.patterns.get(hit.pattern),
                self.meanings.get(hit.pattern),
            ) else {
                continue;
            };
            let (rule, what) = match meaning {
                Meaning::AnyTracer if !is_tracer(source, hit)? => continue,
                Meaning::Tracer | Meaning::AnyTracer => (&MP_CLEAN_004, pattern.id.clone()),
                Meaning::Secret => (&MP_SEC_008, format!("the secret {}", pattern.id)),
            };
            occurrences.push(Occurrence {
                offset: hit.offset,
                kind: Kind {
                    rule: rule.id,
                    severity: rule.severity,
                    what: format!("still on the disk: {what}"),
                },
            });
        }
        Ok(occurrences)
    }
}

/// Secrets that were recognised by their shape, but for those that everybody knows.
fn shaped(scan: &Scan) -> impl Iterator<Item = Occurrence> {
    let unknown = scan
        .secrets
        .iter()
        .filter(|secret| !known::is_known(&secret.digest));
    unknown.map(|secret| Occurrence {
        offset: secret.offset,
        kind: Kind {
            rule: kinds::rule(secret.kind).id,
            severity: kinds::severity(secret.kind),
            what: secret.kind.to_string(),
        },
    })
}

/// One finding an occurrence, up to a number for each thing and region, and one for each file. `regions` are those of
/// the occurrences.
fn summarised(occurrences: Vec<Occurrence>, regions: Vec<Region>) -> Vec<Finding> {
    let mut grouped: BTreeMap<(Kind, Region), Vec<u64>> = BTreeMap::new();
    for (occurrence, region) in occurrences.into_iter().zip(regions) {
        grouped
            .entry((occurrence.kind, region))
            .or_default()
            .push(occurrence.offset);
    }
    let mut findings = Vec::new();
    for ((kind, region), offsets) in grouped {
        let listed = match region {
            Region::File(_) => 1,
            _ => LISTED,
        };
        let (listed, others) = offsets.split_at(offsets.len().min(listed));
        for (position, offset) in listed.iter().enumerate() {
            let more = match others.len() {
                more if more > 0 && position + 1 == listed.len() => {
                    format!(", and {more} times more")
                }
                _ => String::new(),
            };
            let (location, place) = match &region {
                Region::File(path) => (Location::Path(path.clone()), "a file".to_owned()),
                other => (Location::Offset(*offset), other.to_string()),
            };
            findings.push(Finding {
                rule: kind.rule,
                severity: kind.severity,
                location,
                message: format!("{} ({place}{more})", kind.what),
                step: None,
                waived: false,
            });
        }
    }
    findings
}

/// The tracers of this build, or else what those of any build begin with.
fn tracers(tracers: &[Vec<u8>]) -> Vec<Pattern> {
    if tracers.is_empty() {
        return vec![Pattern {
            id: "a tracer of some build".to_owned(),
            bytes: MAGIC.as_bytes().to_vec(),
        }];
    }
    // Patterns that no `Tracers` made are merely numbered.
    let known = Tracers::places().count() == tracers.len();
    let names = Tracers::places().filter(|_| known).map(str::to_owned);
    let numbered = (1..).map(|number| format!("tracer {number}"));
    names
        .chain(numbered)
        .zip(tracers)
        .map(|(id, bytes)| Pattern {
            id,
            bytes: bytes.clone(),
        })
        .collect()
}

/// Whether the random part of a tracer follows, rather than text about tracers.
fn is_tracer(source: &dyn BlockSource, hit: &Hit) -> Result<bool, ReadError> {
    let start = hit.offset.saturating_add(MAGIC.len() as u64);
    let mut random = [0; 32];
    if start.saturating_add(random.len() as u64) > source.size() {
        return Ok(false);
    }
    source.read_at(start, &mut random)?;
    Ok(random.iter().all(u8::is_ascii_hexdigit))
}
