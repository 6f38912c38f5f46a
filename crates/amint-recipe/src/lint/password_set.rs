//! A password that is the same on every instance.

use super::subject::Material;
use super::{Context, Findings};
use crate::code::Code;

pub(super) fn check<'a>(material: &'a Material, _: Context<'_>, found: &mut Findings<'a>) {
    for at in material.commands() {
        let command = at.command;
        let sets = match command.name() {
            "chpasswd" => true,
            "passwd" => command.has_option("--stdin"),
            "useradd" | "usermod" => command.has_option("-p") || command.has_option("--password"),
            _ => false,
        };
        if sets {
            found.warn(
                Code::PasswordSet,
                at.place(),
                "every instance of the image would have this password",
                "have each instance make its own with `first-boot-secret`",
            );
        }
    }
}
