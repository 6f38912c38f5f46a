//! Settings of the account.

use amint_cloud::{ErrorKind, Result};

use super::findings::Findings;
use super::run::Subject;
use crate::error::Explain;

/// Encryption by default, here and where copies go; who may make images public.
pub(super) async fn check(subject: &Subject<'_>, found: &mut Findings) -> Result<()> {
    for region in subject.regions() {
        encryption(subject, region, found).await?;
    }
    public_access(subject, found).await
}

/// Snapshots would be encrypted, and an image with such a one can't be listed (MP-ARCH-006).
async fn encryption(subject: &Subject<'_>, region: &str, found: &mut Findings) -> Result<()> {
    let ec2 = subject.clients.ec2_in(region);
    let answer = ec2.get_ebs_encryption_by_default().send().await;
    let answer = answer.explain("ec2:GetEbsEncryptionByDefault");
    // It would spoil the image at its very end: a lost answer is asked for again.
    if matches!(&answer, Err(error) if error.kind == ErrorKind::AnswerLost) {
        return answer.map(drop);
    }
    let what = format!("EBS encryption by default in {region}");
    let answer = found.wanted(&what, answer)?;
    if answer.and_then(|answer| answer.ebs_encryption_by_default) == Some(true) {
        found.unfit(
            format!(
                "EBS encryption by default is on in {region}: snapshots would be encrypted, and AWS Marketplace \
                 takes none (MP-ARCH-006)"
            ),
            format!("`aws ec2 disable-ebs-encryption-by-default --region {region}`, or build in an account without it"),
        );
    }
    Ok(())
}

/// No image is ever made public here; another may be by mistake.
async fn public_access(subject: &Subject<'_>, found: &mut Findings) -> Result<()> {
    let region = &subject.clients.region;
    let ask = subject.clients.ec2.get_image_block_public_access_state();
    let answer = ask
        .send()
        .await
        .explain("ec2:GetImageBlockPublicAccessState");
    let answer = found.wanted("block public access for images", answer)?;
    let state = answer.and_then(|answer| answer.image_block_public_access_state);
    if state.as_deref() == Some("unblocked") {
        found.warn(format!(
            "block public access for images is off in {region}: nothing but care keeps an image from becoming public"
        ));
    }
    Ok(())
}
