//! `base:`.

use super::decoder::Decoder;
use super::fields::Fields;
use super::value::{self, Refusal};
use crate::code::Code;
use crate::diagnostic::Problem;
use crate::recipe::{AwsBase, Base, LocalBase};
use crate::span::Span;
use crate::suggest::nearest;
use crate::yaml::node::Entry;

pub(super) fn decode(decoder: &mut Decoder<'_>, entry: &Entry) -> Option<Base> {
    let mut fields = Fields::of(decoder, &entry.node, "`base`", entry.key_span)?;
    let local = fields.optional("local");
    let aws = fields.optional("aws");
    if local.is_none() && aws.is_none() {
        decoder.report(
            Problem::new(
                Code::MissingKey,
                entry.key_span,
                "`base` needs `local` or `aws`",
            )
            .hint("add `local: { debian: bookworm }`"),
        );
    }
    let decoded_local = local.map(|entry| decode_local(decoder, entry));
    let decoded_aws = aws.map(|entry| decode_aws(decoder, entry));
    fields.finish(decoder);
    Some(Base {
        local: decoded_local.flatten(),
        aws: decoded_aws.flatten(),
    })
}

fn decode_local(decoder: &mut Decoder<'_>, entry: &Entry) -> Option<LocalBase> {
    let mut fields = Fields::of(decoder, &entry.node, "`local`", entry.key_span)?;
    let chosen = fields.either(decoder, ["debian", "image"]);
    let digest = fields.optional("sha256");
    let base = match chosen {
        Some(chosen) if chosen.key == "debian" => {
            if let Some(digest) = digest {
                decoder.report(
                    Problem::new(
                        Code::KeysExclude,
                        digest.key_span,
                        "`sha256` belongs to `image`; a Debian base is made here",
                    )
                    .hint("remove it"),
                );
            }
            decoder.fixed(&chosen.node).and_then(|release| {
                decoder.accept(value::name(&release), chosen.node.span)?;
                misspelt(decoder, &release, chosen.node.span)?;
                Some(LocalBase::Debian(release))
            })
        }
        Some(chosen) => {
            let path = decoder.fixed(&chosen.node);
            let sha256 = match digest {
                Some(digest) => decoder
                    .fixed(&digest.node)
                    .and_then(|text| decoder.accept(value::sha256(&text), digest.node.span)),
                None => {
                    decoder.report(
                        Problem::new(
                            Code::MissingKey,
                            chosen.key_span,
                            "`image` needs `sha256` beside it",
                        )
                        .hint("add what `sha256sum FILE` prints"),
                    );
                    None
                }
            };
            path.zip(sha256).map(|(path, sha256)| LocalBase::Image {
                path: decoder.locate(&path),
                sha256,
            })
        }
        None => None,
    };
    fields.finish(decoder);
    base
}

fn decode_aws(decoder: &mut Decoder<'_>, entry: &Entry) -> Option<AwsBase> {
    let mut fields = Fields::of(decoder, &entry.node, "`aws`", entry.key_span)?;
    let parameter = fields.optional("ssm-parameter");
    let id = fields.optional("id");
    let owner = fields.optional("owner");
    let name = fields.optional("name");
    fields.finish(decoder);
    let mut text = |entry: Option<&Entry>, valid: fn(&str) -> Result<(), Refusal>| {
        let node = &entry?.node;
        let text = decoder.fixed(node)?;
        decoder.accept(valid(&text), node.span)?;
        Some(text)
    };
    let texts = (
        text(parameter, value::aws::read_parameter),
        text(id, value::aws::image_id),
        text(owner, value::aws::owner),
        text(name, value::aws::name_pattern),
    );
    match (parameter, id, owner, name) {
        (Some(_), None, None, None) => texts.0.map(AwsBase::SsmParameter),
        (None, Some(_), None, None) => texts.1.map(AwsBase::Id),
        (None, None, Some(_), Some(_)) => texts
            .2
            .zip(texts.3)
            .map(|(owner, name)| AwsBase::Newest { owner, name }),
        _ => {
            decoder.report(
                Problem::new(
                    Code::KeysExclude,
                    entry.key_span,
                    "`aws` needs one way to find its base image",
                )
                .hint("give `ssm-parameter`, or `id`, or `owner` and `name`"),
            );
            None
        }
    }
}

/// Code names, and what the mirrors call their newest. Later ones are not known yet, so only what is nearly one is refused.
const DEBIAN: [&str; 12] = [
    "jessie",
    "stretch",
    "buster",
    "bullseye",
    "bookworm",
    "trixie",
    "forky",
    "sid",
    "oldstable",
    "stable",
    "testing",
    "unstable",
];

fn misspelt(decoder: &mut Decoder<'_>, release: &str, span: Span) -> Option<()> {
    if DEBIAN.contains(&release) {
        return Some(());
    }
    let Some(known) = nearest(release, DEBIAN.into_iter()) else {
        return Some(());
    };
    let message = format!("there is no Debian release `{release}`");
    decoder.report(
        Problem::new(Code::UnknownWord, span, message).hint(format!("did you mean `{known}`?")),
    );
    None
}
