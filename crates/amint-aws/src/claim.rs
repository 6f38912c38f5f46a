//! Who else makes an image of the name: another build's builder or unfinished image that bears it.

use std::collections::BTreeMap;
use std::time::Duration;

use amint_cloud::{Claim, CloudError, ErrorKind, Result};
use aws_sdk_ec2::types::Tag;
use jiff::Timestamp;

use crate::clients::Clients;
use crate::describe::{self, alive, filter, tagged, time};
use crate::tags;

/// How many times is looked when not even the build's own builder is to be seen: what does not show that one may not
/// show another's that is as new.
const LOOKS: u32 = 4;

/// What is to be seen of a build that makes the image.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Rival {
    /// What bears the name.
    what: String,
    since: Option<Timestamp>,
    /// When all of it must be gone; nothing when no tag tells that.
    until: Option<Timestamp>,
}

/// By build. A later one finds the earlier ones first: ids of builds are ordered by time.
type Rivals = BTreeMap<String, Rival>;

/// `gap` is the time between two looks. Returns what is to be told about builds whose time is over.
pub(crate) async fn claim(clients: &Clients, gap: Duration, claim: &Claim) -> Result<Vec<String>> {
    let (own, name) = (&claim.owner.build, &claim.owner.image);
    let mut rivals = look(clients, name).await?;
    for _ in 1..LOOKS {
        if !claim.launched || rivals.contains_key(own) {
            break;
        }
        tokio::time::sleep(gap).await;
        rivals = look(clients, name).await?;
    }
    judge(claim, &rivals, Timestamp::now())
}

/// All that bears the name of an image that is not finished.
async fn look(clients: &Clients, name: &str) -> Result<Rivals> {
    let unfinished = || {
        let state = format!("tag:{}", tags::STATE);
        let states = [tags::BUILDING, tags::CAPTURED];
        vec![tagged(tags::NAME, name), filter(&state, states)]
    };
    let builders = [unfinished(), vec![alive()]].concat();
    let (builders, images) = tokio::try_join!(
        describe::instances(&clients.ec2, builders),
        describe::own_images(&clients.ec2, unfinished()),
    )?;
    let mut rivals = Rivals::new();
    for one in &builders {
        let what = format!("builder {}", one.instance_id().unwrap_or_default());
        let since = one.launch_time().and_then(time);
        note(&mut rivals, name, one.tags(), what, since);
    }
    for one in &images {
        let what = format!("image {}", one.image_id().unwrap_or_default());
        let since = one.creation_date().and_then(|time| time.parse().ok());
        note(&mut rivals, name, one.tags(), what, since);
    }
    Ok(rivals)
}

fn note(rivals: &mut Rivals, name: &str, tags: &[Tag], what: String, since: Option<Timestamp>) {
    let tag = |key: &str| tags::value(tags, key);
    // EC2's filters know wildcards; names don't.
    let (Some(build), true) = (tag(tags::BUILD), tag(tags::NAME) == Some(name)) else {
        return;
    };
    let until = tag(tags::EXPIRES).and_then(|time| time.parse().ok());
    match rivals.get_mut(build) {
        Some(rival) => {
            rival.since = [rival.since, since].into_iter().flatten().min();
            rival.until = rival.until.max(until);
        }
        None => {
            let rival = Rival { what, since, until };
            rivals.insert(build.to_owned(), rival);
        }
    }
}

fn judge(claim: &Claim, rivals: &Rivals, now: Timestamp) -> Result<Vec<String>> {
    let (own, name) = (&claim.owner.build, &claim.owner.image);
    let mut stale = Vec::new();
    for (build, rival) in rivals.iter().filter(|(build, _)| *build != own) {
        match rival.until {
            // Both are launched and see each other: the younger one gives way.
            Some(until) if until > now && (!claim.launched || build < own) => {
                return Err(taken(name, build, rival.since, until));
            }
            Some(until) if until > now => {}
            until => stale.push(left_behind(name, build, &rival.what, until)),
        }
    }
    Ok(stale)
}

fn taken(name: &str, build: &str, since: Option<Timestamp>, until: Timestamp) -> CloudError {
    let since = since.map(|since| format!(" since {}", moment(since)));
    let since = since.unwrap_or_default();
    let message = format!(
        "the build {build} is making the image `{name}`{since}, and has time until {}",
        moment(until)
    );
    CloudError::new(ErrorKind::Conflict, message).hint(format!(
        "wait for it, stop it with `amint cleanup {build} --yes`, or give the image a name of its own, such as with \
         {{{{build.id}}}}"
    ))
}

fn left_behind(name: &str, build: &str, what: &str, until: Option<Timestamp>) -> String {
    let over = match until {
        Some(until) => format!("its time was over at {}", moment(until)),
        None => "nothing tells when its time is over".to_owned(),
    };
    format!(
        "the build {build} left the {what} of `{name}` behind: {over}; `amint cleanup {build} --yes` releases it"
    )
}

fn moment(at: Timestamp) -> String {
    at.strftime("%F %T UTC").to_string()
}

#[cfg(test)]
mod tests {
    use amint_cloud::Owner;

    use super::*;

    const NOW: &str = "2030-01-02T00:00:00Z";

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn claim(build: &str, launched: bool) -> Claim {
        let owner = Owner {
            build: build.to_owned(),
            recipe: "r".to_owned(),
            image: "demo-1".to_owned(),
            expires: at("2030-01-03T00:00:00Z"),
            tags: BTreeMap::new(),
        };
        Claim { owner, launched }
    }

    fn rivals(all: &[(&str, Option<&str>)]) -> Rivals {
        let rival = |(build, until): &(&str, Option<&str>)| {
            let rival = Rival {
                what: "builder i-1".to_owned(),
                since: Some(at("2030-01-01T10:00:00Z")),
                until: until.map(at),
            };
            ((*build).to_owned(), rival)
        };
        all.iter().map(rival).collect()
    }

    fn judged(build: &str, launched: bool, all: &[(&str, Option<&str>)]) -> Result<Vec<String>> {
        judge(&claim(build, launched), &rivals(all), at(NOW))
    }

    const LATER: Option<&str> = Some("2030-01-02T01:00:00Z");

    #[test]
    fn before_the_launch_any_other_build_stands_in_the_way() {
        for other in ["A", "C"] {
            let error = judged("B", false, &[(other, LATER)]).expect_err("taken");
            assert_eq!(error.kind, ErrorKind::Conflict);
            let text = format!(
                "the build {other} is making the image `demo-1` since 2030-01-01 10:00:00 UTC, and has time until \
                 2030-01-02 01:00:00 UTC"
            );
            assert_eq!(error.message, text);
            let hint = error.hint.expect("a way out");
            assert!(
                hint.contains(&format!("`amint cleanup {other} --yes`")),
                "{hint}"
            );
            assert!(hint.contains("{{build.id}}"), "{hint}");
        }
        assert_eq!(
            judged("B", false, &[("B", LATER)]).expect("its own"),
            [""; 0]
        );
    }

    #[test]
    fn after_the_launch_only_an_older_build_does() {
        let all = [("A", LATER), ("B", LATER)];
        assert!(judged("B", true, &all).is_err());
        assert_eq!(judged("A", true, &all).expect("the older one"), [""; 0]);
    }

    #[test]
    fn a_build_whose_time_is_over_is_only_told() {
        let over = Some("2030-01-01T23:59:59Z");
        let told = judged("B", false, &[("A", over), ("C", None)]).expect("nobody");
        assert_eq!(told.len(), 2);
        assert!(told[0].contains("build A left the builder i-1"), "{told:?}");
        assert!(
            told[0].contains("over at 2030-01-01 23:59:59 UTC"),
            "{told:?}"
        );
        assert!(told[1].contains("nothing tells"), "{told:?}");
    }

    #[test]
    fn what_one_build_has_is_one_claim() {
        let tags = |until: &str| {
            let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
            [
                tag(tags::BUILD, "A"),
                tag(tags::NAME, "demo-1"),
                tag(tags::EXPIRES, until),
            ]
        };
        let mut rivals = Rivals::new();
        let (early, late) = ("2030-01-01T00:00:00Z", "2030-01-01T05:00:00Z");
        note(
            &mut rivals,
            "demo-1",
            &tags(early),
            "builder i-1".into(),
            Some(at(late)),
        );
        note(
            &mut rivals,
            "demo-1",
            &tags(late),
            "image ami-1".into(),
            Some(at(early)),
        );
        // A wildcard's find.
        note(
            &mut rivals,
            "demo-?",
            &tags(late),
            "image ami-2".into(),
            None,
        );
        let expected = Rival {
            what: "builder i-1".to_owned(),
            since: Some(at(early)),
            until: Some(at(late)),
        };
        assert_eq!(
            rivals.into_iter().collect::<Vec<_>>(),
            [("A".to_owned(), expected)]
        );
    }
}
