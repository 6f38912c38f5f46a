//! A builder that an earlier process launched: found by its record, taken over or found to have ended.

use std::sync::Arc;

use amint_cloud::{BuilderState, CloudError, OnPowerOff};
use jiff::Timestamp;
use tracing::debug;

use crate::builder::{Builder, make_folders};
use crate::cache::remove;
use crate::machine::{Machine, end_all, is_running};
use crate::owned::forget_empty;
use crate::record::{Record, Records};

/// Takes over the build's builder. `None` when there is none: it was never launched (what there is of it is removed),
/// or was released.
pub(crate) async fn take_over(
    records: &Records,
    build: &str,
) -> Result<Option<Arc<Builder>>, CloudError> {
    let Some(record) = records.read(build) else {
        return Ok(None);
    };
    if record.released {
        return Ok(None);
    }
    let Some(spec) = record.machine.clone() else {
        // Its disk may be half a copy, its machine half loaded.
        end_all(&record.place.paths()).await?;
        remove(&record.place.runtime)?;
        remove(&record.place.work)?;
        forget_empty(records, &record.place, build)?;
        return Ok(None);
    };
    let builder = Builder::new(records, &record);
    let paths = &builder.paths;
    if let Some(machine) = Machine::running(paths, builder.detached.clone()).await? {
        debug!(build, "the builder's machine runs");
        // Whoever restarted it died before it let it run.
        if machine.is_waiting().await? {
            builder.run(&machine).await?;
        }
        if machine.is_stuck().await? {
            builder.stuck("it was full or failed while nobody watched");
        }
        builder.watch(machine, spec);
        return Ok(Some(builder));
    }
    // What limits its time may be left, or QEMU on its way to begin.
    end_all(paths).await?;
    match ended(&record) {
        Ended::Stopped => builder.end(BuilderState::Stopped),
        Ended::InAReboot => {
            debug!(build, "the builder's machine ended in a reboot");
            // Gone when this computer was restarted.
            make_folders(&record.place)?;
            builder.resurrect(spec).await?;
        }
        Ended::Terminated => {
            remove(&record.place.work)?;
            builder.end(BuilderState::Terminated);
        }
    }
    Ok(Some(builder))
}

/// Where a builder is that this process does not watch.
pub(crate) fn look(record: &Record) -> BuilderState {
    if record.released || record.machine.is_none() {
        return BuilderState::Terminated;
    }
    if is_running(&record.place.paths()) {
        return BuilderState::Running;
    }
    match ended(record) {
        Ended::Stopped => BuilderState::Stopped,
        Ended::InAReboot => BuilderState::Running,
        Ended::Terminated => BuilderState::Terminated,
    }
}

/// What the end of a machine meant that nobody saw.
enum Ended {
    Stopped,
    InAReboot,
    Terminated,
}

fn ended(record: &Record) -> Ended {
    let place = &record.place;
    let has_disk = place.paths().disk.exists();
    match record.on_power_off {
        // What powered it off, the seal or its time, is told by what is on the disk.
        OnPowerOff::Stop if has_disk || place.has_image() => Ended::Stopped,
        // QEMU removes its process id when it ends in order. Killed, it was not rebooting.
        OnPowerOff::Terminate
            if record.rebooting
                && has_disk
                && !place.paths().pid().exists()
                && Timestamp::now() < record.expires =>
        {
            Ended::InAReboot
        }
        OnPowerOff::Stop | OnPowerOff::Terminate => Ended::Terminated,
    }
}
