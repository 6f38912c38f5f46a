//! `file`: one upload.

use amint_recipe::recipe::{Content, FileAction};
use amint_recipe::{RenderError, Renderer};

use crate::digest::sha256;
use crate::plan::Action;

pub(super) fn actions(file: &FileAction, renderer: &Renderer) -> Result<Vec<Action>, RenderError> {
    let content = match &file.content {
        Content::Inline(text) => renderer.render(text)?.into_bytes(),
        Content::File { bytes, .. } => bytes.to_vec(),
    };
    Ok(vec![Action::Upload {
        to: renderer.render(&file.to)?,
        owner: file.owner.clone(),
        group: file.group.clone(),
        mode: file.mode,
        sha256: sha256(&content),
        size: content.len() as u64,
        content,
    }])
}
