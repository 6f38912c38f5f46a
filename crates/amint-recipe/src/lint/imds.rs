//! Version 1 of the instance metadata service, which an image of amint's does not answer to.

use super::shell::Word;
use super::subject::{Material, Place, Role};
use super::{Context, Findings};
use crate::code::Code;

const ADDRESSES: [&str; 2] = ["169.254.169.254", "fd00:ec2::254"];
/// Part of both headers of version 2: the one that asks for a token, and the one that shows it.
const TOKEN: &str = "metadata-token";
const TOKEN_PATH: &str = "/latest/api/token";

const MESSAGE: &str =
    "this asks version 1 of the metadata service, which answers nothing on this image";
const HINT: &str =
    "get a token first (`PUT /latest/api/token`) and send it as `X-aws-ec2-metadata-token`";

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    let mut passage = std::ptr::null();
    let mut knows = false;
    for at in material.commands() {
        if !std::ptr::eq(passage, at.passage) {
            passage = at.passage;
            knows = at.passage.text.to_ascii_lowercase().contains(TOKEN);
        }
        if !matches!(at.command.name(), "curl" | "wget" | "http" | "xh") {
            continue;
        }
        let mut words = at.command.arguments().iter();
        let Some(url) = words.find(|word| is_metadata(&word.text)) else {
            continue;
        };
        let raw = at.passage.slice(&at.command.range).to_ascii_lowercase();
        // A header in a variable, of a script that knows of tokens.
        let in_variable = |word: &Word| word.literal().is_none() && word.range != url.range;
        let hidden = knows && at.command.arguments().iter().any(in_variable);
        if !raw.contains(TOKEN) && !raw.contains(TOKEN_PATH) && !hidden {
            found.warn(Code::ImdsV1, at.part(url.range.clone()), MESSAGE, HINT);
        }
    }
    for (step, passage) in material.passages() {
        let is_content = matches!(passage.role, Role::Content(_));
        let start = ADDRESSES
            .iter()
            .find_map(|address| passage.text.find(address));
        if let Some(start) = start.filter(|_| is_content)
            && !passage.text.to_ascii_lowercase().contains(TOKEN)
        {
            let end = passage.text.len().min(start + ADDRESSES[1].len());
            found.warn(
                Code::ImdsV1,
                Place::Passage(passage, start..end, step),
                MESSAGE,
                HINT,
            );
        }
    }
}

fn is_metadata(text: &str) -> bool {
    ADDRESSES.iter().any(|address| text.contains(address))
}
