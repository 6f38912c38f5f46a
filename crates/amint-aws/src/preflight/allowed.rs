//! Allowed AMIs: which owners' images an account may see and launch.

use amint_cloud::Result;
use aws_sdk_ec2::types::{Image, ImageCriterion};

use super::findings::Findings;
use super::run::Subject;
use crate::error::Explain;

/// The account's setting.
#[derive(Default)]
pub(super) struct Allowed {
    mode: Mode,
    criteria: Vec<ImageCriterion>,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Mode {
    #[default]
    Off,
    Audit,
    On,
}

impl Allowed {
    /// Off, where that can't be found out; it is among the findings then.
    pub(super) async fn look(subject: &Subject<'_>, found: &mut Findings) -> Result<Self> {
        let ask = subject.clients.ec2.get_allowed_images_settings();
        let answer = ask.send().await.explain("ec2:GetAllowedImagesSettings");
        let answer = found.wanted("whether Allowed AMIs admits the base image", answer)?;
        let Some(answer) = answer else {
            return Ok(Self::default());
        };
        let mode = match answer.state() {
            Some("enabled") => Mode::On,
            Some("audit-mode") => Mode::Audit,
            _ => Mode::Off,
        };
        Ok(Self {
            mode,
            criteria: answer.image_criteria.unwrap_or_default(),
        })
    }

    /// Whether what is not allowed is not found either.
    pub(super) fn hides(&self) -> bool {
        self.mode == Mode::On
    }

    /// An image that is not allowed is not launched.
    pub(super) fn judge(&self, image: &Image, id: &str, account: &str, found: &mut Findings) {
        if self.mode == Mode::Off || self.admits(image, account) {
            return;
        }
        let owner = image.image_owner_alias().or(image.owner_id());
        let owner = owner.unwrap_or("an unknown owner");
        match self.mode {
            Mode::On => found.unfit(
                format!("Allowed AMIs does not admit the base image {id} of {owner}"),
                "add its owner with `aws ec2 replace-image-criteria-in-allowed-images-settings`, or take another base \
                 image",
            ),
            _ => found.warn(format!(
                "Allowed AMIs (in audit mode) would not admit the base image {id} of {owner}"
            )),
        }
    }

    /// EC2 says so itself; where it does not, the owner decides. An account's own images are always allowed.
    fn admits(&self, image: &Image, account: &str) -> bool {
        if let Some(allowed) = image.image_allowed() {
            return allowed;
        }
        let owners = [image.owner_id(), image.image_owner_alias()];
        let is_named = |criterion: &ImageCriterion| {
            let mut providers = criterion.image_providers().iter();
            criterion.image_providers().is_empty()
                || providers.any(|provider| owners.contains(&Some(provider.as_str())))
        };
        image.owner_id() == Some(account) || self.criteria.iter().any(is_named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(mode: Mode, image: &Image) -> (usize, usize) {
        let amazon = ImageCriterion::builder().image_providers("amazon").build();
        let allowed = Allowed {
            mode,
            criteria: vec![amazon],
        };
        let mut found = Findings::default();
        allowed.judge(image, "ami-1", "111111111111", &mut found);
        (found.problems.len(), found.warnings.len())
    }

    #[test]
    fn owners_are_admitted_or_not() {
        let amazon = Image::builder().image_owner_alias("amazon").build();
        let own = Image::builder().owner_id("111111111111").build();
        let other = Image::builder().owner_id("222222222222").build();
        assert_eq!(judged(Mode::On, &amazon), (0, 0));
        assert_eq!(judged(Mode::On, &own), (0, 0));
        assert_eq!(judged(Mode::On, &other), (1, 0));
        assert_eq!(judged(Mode::Audit, &other), (0, 1));
        assert_eq!(judged(Mode::Off, &other), (0, 0));
    }

    #[test]
    fn what_ec2_says_itself_counts_more() {
        let image = Image::builder().image_owner_alias("amazon");
        assert_eq!(
            judged(Mode::On, &image.image_allowed(false).build()),
            (1, 0)
        );
    }
}
