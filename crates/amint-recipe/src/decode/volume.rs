//! `root-volume:` and `volumes:` of a builder on AWS.

use std::ops::RangeInclusive;

use super::aws_builder::not_offered;
use super::decoder::Decoder;
use super::fields::Fields;
use super::value;
use crate::code::Code;
use crate::diagnostic::Problem;
use crate::recipe::{DataVolume, Volume, VolumeKind};
use crate::span::Span;
use crate::yaml::node::{Entry, Node};

/// What EC2 takes for a type of volume (EC2 API reference, EbsBlockDevice; EBS user guide, "Amazon EBS volume types").
struct Limits {
    /// GiB.
    size: RangeInclusive<u32>,
    /// I/O operations a second, where they can be chosen.
    iops: Option<Iops>,
    /// MiB a second, where they can be chosen.
    throughput: Option<RangeInclusive<u32>>,
}

struct Iops {
    range: RangeInclusive<u32>,
    /// At most so many for each GiB.
    per_gib: u32,
    /// What there is when none are chosen; nothing where some must be.
    default: Option<u32>,
}

fn limits(kind: VolumeKind) -> Limits {
    let iops = |range, per_gib, default| {
        Some(Iops {
            range,
            per_gib,
            default,
        })
    };
    let (size, iops, throughput) = match kind {
        VolumeKind::Gp3 => (
            1..=65_536,
            iops(3_000..=80_000, 500, Some(3_000)),
            Some(125..=2_000),
        ),
        VolumeKind::Gp2 => (1..=16_384, None, None),
        VolumeKind::Io1 => (4..=16_384, iops(100..=64_000, 50, None), None),
        VolumeKind::Io2 => (4..=65_536, iops(100..=256_000, 1_000, None), None),
        VolumeKind::St1 | VolumeKind::Sc1 => (125..=16_384, None, None),
    };
    Limits {
        size,
        iops,
        throughput,
    }
}

/// Those that an instance can boot from come first.
const KINDS: [VolumeKind; 6] = [
    VolumeKind::Gp3,
    VolumeKind::Gp2,
    VolumeKind::Io1,
    VolumeKind::Io2,
    VolumeKind::St1,
    VolumeKind::Sc1,
];

/// How many of [`KINDS`] an instance can boot from (EBS user guide, "Amazon EBS volume types").
const BOOTABLE: usize = 4;

/// The root volume.
pub(super) fn root(decoder: &mut Decoder<'_>, entry: &Entry) -> Volume {
    Fields::of(decoder, &entry.node, "`root-volume`", entry.key_span)
        .map(|mut fields| {
            let size = fields.optional("size");
            let kinds = &KINDS[..BOOTABLE];
            let volume = volume(decoder, &mut fields, size, kinds, entry.key_span);
            fields.finish(decoder);
            volume
        })
        .unwrap_or_default()
}

/// The volumes besides the root volume.
pub(super) fn data(decoder: &mut Decoder<'_>, entry: Option<&Entry>) -> Vec<DataVolume> {
    let Some(entry) = entry else {
        return Vec::new();
    };
    let mut volumes: Vec<DataVolume> = Vec::new();
    for node in decoder.sequence(&entry.node).unwrap_or_default() {
        let Some((decoded, device)) = data_volume(decoder, node) else {
            continue;
        };
        // Linux may call either device by the other's name.
        let letter = |device: &str| device.chars().last();
        let taken = volumes
            .iter()
            .find(|volume| letter(&volume.device) == letter(&decoded.device));
        if let Some(taken) = taken {
            let (one, other) = (&decoded.device, &taken.device);
            let message = format!("`{one}` and `{other}` before it are one device");
            let problem = Problem::new(Code::DuplicateItem, device, message);
            decoder.report(problem.hint("end each device in another letter"));
        }
        volumes.push(decoded);
    }
    volumes
}

/// A volume, and where its device stands in the recipe.
fn data_volume(decoder: &mut Decoder<'_>, node: &Node) -> Option<(DataVolume, Span)> {
    let mut fields = Fields::of(decoder, node, "a volume", node.span)?;
    let device = fields.required(decoder, "device", "/dev/sdf");
    let size = fields.required(decoder, "size", "100");
    let volume = volume(decoder, &mut fields, size, &KINDS, node.span);
    fields.finish(decoder);

    let device = device?;
    let name = decoder.fixed(&device.node)?;
    decoder.accept(value::aws::device(&name), device.node.span)?;
    let volume = DataVolume {
        device: name,
        size_gib: volume.size_gib?,
        kind: volume.kind,
        iops: volume.iops,
        throughput: volume.throughput,
    };
    Some((volume, device.node.span))
}

/// The keys that all volumes have; `whole` is what is wrong when one is missing.
fn volume(
    decoder: &mut Decoder<'_>,
    fields: &mut Fields<'_>,
    size: Option<&Entry>,
    kinds: &[VolumeKind],
    whole: Span,
) -> Volume {
    let kind = fields.optional("type");
    let iops = fields.optional("iops");
    let throughput = fields.optional("throughput");
    refuse_encrypted(decoder, fields.optional("encrypted"));

    let words: Vec<_> = kinds.iter().map(|kind| (kind.name(), *kind)).collect();
    let kind = match kind {
        Some(entry) => decoder.word(&entry.node, &words),
        None => Some(VolumeKind::default()),
    };
    let Some(kind) = kind else {
        // Without its type there is nothing to compare the numbers with.
        return Volume::default();
    };
    let limits = limits(kind);
    let size_gib = size.and_then(|entry| decoder.integer(&entry.node, limits.size));
    let mut chosen = Volume {
        size_gib,
        kind,
        ..Volume::default()
    };
    match (iops, &limits.iops) {
        (Some(entry), Some(limit)) => {
            chosen.iops = decoder.integer(&entry.node, limit.range.clone());
            check_ratio(decoder, &chosen, limit, entry.node.span);
        }
        (Some(entry), None) => not_chosen(decoder, entry, kind),
        (None, Some(Iops { default: None, .. })) => {
            let message = format!("a volume of type `{}` needs `iops`", kind.name());
            let problem = Problem::new(Code::MissingKey, whole, message);
            decoder.report(problem.hint("add `iops: 3000`, or use type gp3"));
        }
        (None, _) => {}
    }
    match (throughput, limits.throughput) {
        (Some(entry), Some(range)) => {
            chosen.throughput = decoder.integer(&entry.node, range);
            check_throughput(decoder, &chosen, limits.iops, entry.node.span);
        }
        (Some(entry), None) => not_chosen(decoder, entry, kind),
        (None, _) => {}
    }
    chosen
}

/// Larger volumes may be faster.
fn check_ratio(decoder: &mut Decoder<'_>, volume: &Volume, limit: &Iops, span: Span) {
    let (Some(iops), Some(size)) = (volume.iops, volume.size_gib) else {
        return;
    };
    let most = size.saturating_mul(limit.per_gib);
    let most = most.max(limit.default.unwrap_or(*limit.range.start()));
    if iops > most {
        let name = volume.kind.name();
        let message = format!("{size} GiB of type `{name}` have at most {most} IOPS");
        let problem = Problem::new(Code::BadVolume, span, message);
        let enough = iops.div_ceil(limit.per_gib);
        decoder.report(problem.hint(format!("use at most {most}, or at least {enough} GiB")));
    }
}

/// A quarter of a MiB a second for each I/O operation a second (EBS user guide, "General Purpose SSD volumes").
fn check_throughput(decoder: &mut Decoder<'_>, volume: &Volume, limit: Option<Iops>, span: Span) {
    let iops = volume.iops.or(limit.and_then(|limit| limit.default));
    let (Some(iops), Some(throughput)) = (iops, volume.throughput) else {
        return;
    };
    if throughput > iops / 4 {
        let message = format!("{iops} IOPS carry at most {} MiB/s", iops / 4);
        let problem = Problem::new(Code::BadVolume, span, message);
        let enough = throughput.saturating_mul(4);
        decoder.report(problem.hint(format!("lower it, or set `iops` to at least {enough}")));
    }
}

/// Reports a key whose value the type of the volume fixes.
fn not_chosen(decoder: &mut Decoder<'_>, entry: &Entry, kind: VolumeKind) {
    let message = format!("`{}` of a `{}` volume is fixed", entry.key, kind.name());
    let problem = Problem::new(Code::BadVolume, entry.key_span, message);
    decoder.report(problem.hint("remove it, or use type gp3"));
}

/// Marketplace refuses encrypted snapshots (rule MP-ARCH-006), and an encrypted image cannot be shared openly.
fn refuse_encrypted(decoder: &mut Decoder<'_>, entry: Option<&Entry>) {
    let reason = "AWS Marketplace takes no image with an encrypted snapshot (MP-ARCH-006)";
    let hint = "remove it; whoever launches the image can encrypt its volumes";
    not_offered(decoder, entry, reason, hint);
}
