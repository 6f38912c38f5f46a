//! The phases, one file each: what a phase gets, what it does, what it hands to the next.

pub(crate) mod capture;
pub(crate) mod check;
pub(crate) mod connect;
pub(crate) mod customize;
pub(crate) mod inspect;
pub(crate) mod launch;
pub(crate) mod preflight;
pub(crate) mod publish;
pub(crate) mod record;
pub(crate) mod retire;
pub(crate) mod scrub;
pub(crate) mod seal;
pub(crate) mod teardown;
