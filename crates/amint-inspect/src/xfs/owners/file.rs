//! What belongs to one file: its inode, its blocks, its attributes' blocks.

use std::ops::Range;

use super::claims::Claims;
use super::group::extent;
use crate::bytes::u16_be;
use crate::file_system::FileSystemError;
use crate::region::Region;
use crate::xfs::content::fill;
use crate::xfs::directory::{LEAVES, Part, parts, short_size};
use crate::xfs::fork::{Run, each, each_node};
use crate::xfs::inode::{Fork, Format, Inode, kind};
use crate::xfs::volume::Volume;

/// How a file's bytes are called: by its path, or as one of those without a name.
pub(super) enum Owner<'a> {
    Path(&'a str),
    Other(Region),
}

impl Owner<'_> {
    fn region(&self, of_path: impl Fn(String) -> Region) -> Region {
        match self {
            Owner::Path(path) => of_path((*path).to_owned()),
            Owner::Other(region) => region.clone(),
        }
    }
}

/// Claims what `inode` owns; `spend` is asked after each piece. What can't be read stays open.
pub(super) fn claim(
    volume: &Volume<'_>,
    inode: &Inode,
    owner: &Owner<'_>,
    claims: &mut Claims,
    spend: &mut dyn FnMut() -> Result<(), FileSystemError>,
) {
    in_inode(volume, inode, owner, claims);
    let everything = u64::MAX;
    if !inode.realtime {
        let mut room = Room::default();
        let _ = each(volume, inode, &inode.data, 0, everything, &mut |run| {
            data(volume, inode, owner, &run, claims, &mut room);
            spend()
        });
    }
    if let Some(fork) = &inode.attributes {
        let _ = each(volume, inode, fork, 0, everything, &mut |run| {
            let extent = volume.extent(run.physical, run.blocks);
            claims.claim(extent, |_| owner.region(Region::Attributes));
            spend()
        });
    }
    for fork in std::iter::once(&inode.data).chain(&inode.attributes) {
        let _ = each_node(volume, inode, fork, &mut |block| {
            claims.claim(volume.extent(block, 1), |_| Region::Metadata);
            spend()
        });
    }
}

/// Names, targets and attributes that are in the inode itself, and what longer ones left there.
fn in_inode(volume: &Volume<'_>, inode: &Inode, owner: &Owner<'_>, claims: &mut Claims) {
    let Some(extent) = extent(volume, inode.number) else {
        return;
    };
    let within = |fork: &Fork| fork.offset..fork.offset + fork.bytes.len();
    let used = |fork: &Fork, length: usize| fork.offset..fork.offset.saturating_add(length);
    claims.claim(extent, |offset| {
        let at = (offset - extent.offset) as usize;
        if let Some(fork) = inode
            .attributes
            .as_ref()
            .filter(|fork| within(fork).contains(&at))
        {
            let length = usize::from(u16_be(&fork.bytes, 0));
            let holds = fork.format == Format::Local && used(fork, length).contains(&at);
            return match holds {
                true => owner.region(Region::Attributes),
                false => Region::Metadata,
            };
        }
        let fork = &inode.data;
        let length = match fork.format {
            Format::Local => short_size(inode).map_or(0, <[u8]>::len),
            _ => usize::try_from(fork.extents)
                .unwrap_or(usize::MAX)
                .saturating_mul(16),
        };
        let is_used = used(fork, length).contains(&at);
        match inode.mode & kind::MASK {
            _ if !within(fork).contains(&at) => Region::Metadata,
            kind::DIRECTORY if !is_used && fork.format != Format::Btree => {
                owner.region(Region::DirectorySlack)
            }
            kind::DIRECTORY if fork.format == Format::Local => owner.region(Region::Directory),
            kind::SYMLINK if is_used && fork.format == Format::Local => owner.region(Region::Link),
            _ => Region::Metadata,
        }
    });
}

/// Where one block of a directory has room, so that it is read once however many offsets are in it.
#[derive(Default)]
struct Room {
    block: Option<u64>,
    unused: Vec<Range<usize>>,
}

fn data(
    volume: &Volume<'_>,
    inode: &Inode,
    owner: &Owner<'_>,
    run: &Run,
    claims: &mut Claims,
    room: &mut Room,
) {
    let extent = volume.extent(run.physical, run.blocks);
    let start = run.logical * volume.superblock.block_size;
    let position = |offset: u64| start + (offset - extent.offset);
    claims.claim(extent, |offset| match inode.mode & kind::MASK {
        kind::DIRECTORY => match room.has(volume, inode, position(offset)) {
            true => owner.region(Region::DirectorySlack),
            false => owner.region(Region::Directory),
        },
        kind::SYMLINK => owner.region(Region::Link),
        _ if run.written && position(offset) < inode.size => owner.region(Region::File),
        _ => owner.region(Region::FileSlack),
    });
}

impl Room {
    /// Whether no name uses what is at `position` in the directory.
    fn has(&mut self, volume: &Volume<'_>, inode: &Inode, position: u64) -> bool {
        if position >= LEAVES {
            return false;
        }
        let size = volume.superblock.directory_block;
        let (index, within) = (position / size as u64, (position % size as u64) as usize);
        if self.block != Some(index) {
            self.block = Some(index);
            self.unused.clear();
            let mut block = vec![0; size];
            let unused = &mut self.unused;
            // What a damaged block has room for is not known.
            let _ =
                fill(volume, inode, &inode.data, index * size as u64, &mut block).and_then(|()| {
                    parts(volume, inode, &block, &mut |range, part| {
                        if matches!(part, Part::Unused) {
                            unused.push(range);
                        }
                    })
                });
        }
        let after = self.unused.partition_point(|range| range.start <= within);
        let last = self.unused.get(..after).and_then(<[_]>::last);
        last.is_some_and(|range| range.contains(&within))
    }
}
