//! cloud-init's configuration, as far as it decides who can log in.
//!
//! Source: cloud-init's documentation, "Users and Groups" and "Set Passwords"; later files win (`cloud.cfg`, then
//! `cloud.cfg.d/*.cfg` by name).

use amint_inspect::{Tree, TreeError};
use serde_yaml::{Mapping, Value};

use crate::disk::read_text;

const MAIN: &str = "/etc/cloud/cloud.cfg";
const FOLDER: &str = "/etc/cloud/cloud.cfg.d";
/// Largest file that is read, in bytes.
const MAX_SIZE: usize = 256 << 10;
/// Most files that are read.
const MAX_FILES: usize = 64;

/// What the configuration says.
#[derive(Debug, Default)]
pub struct CloudInit {
    /// The account that gets the launch key; `None` when none is made.
    pub user: Option<Owner>,
    /// The file that turns passwords on for SSH at the first boot, if one does.
    pub passwords: Option<String>,
    /// The file that said last which account it is.
    pub file: String,
}

/// The account that gets the launch key.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Owner {
    /// Its name.
    pub name: String,
    /// Groups that it is put into.
    pub groups: Vec<String>,
    /// Whether it is given rules of sudo.
    pub sudo: bool,
}

impl CloudInit {
    /// Reads `/etc/cloud/cloud.cfg` and `cloud.cfg.d`; `None` when there is no such file. A file that is no YAML says
    /// nothing, as cloud-init goes on without it.
    ///
    /// # Errors
    /// When the file system is damaged there, or a file is unreasonably large.
    pub fn read(tree: &dyn Tree) -> Result<Option<Self>, TreeError> {
        if tree.metadata(MAIN)?.is_none() {
            return Ok(None);
        }
        let mut names = tree.list(FOLDER)?;
        names.retain(|name| name.ends_with(".cfg"));
        names.truncate(MAX_FILES);
        let others = names.into_iter().map(|name| format!("{FOLDER}/{name}"));
        let mut found = Self {
            file: MAIN.to_owned(),
            ..Self::default()
        };
        let mut owner = Mapping::new();
        let mut users = None;
        for file in std::iter::once(MAIN.to_owned()).chain(others) {
            let text = read_text(tree, &file, MAX_SIZE)?.unwrap_or_default();
            let Ok(Value::Mapping(config)) = serde_yaml::from_str(&text) else {
                continue;
            };
            if let Some(passwords) = config.get("ssh_pwauth") {
                found.passwords = is_true(passwords).then(|| file.clone());
            }
            let user = config
                .get("system_info")
                .and_then(|info| info.get("default_user"));
            if let Some(Value::Mapping(user)) = user {
                found.file.clone_from(&file);
                owner.extend(user.clone());
            }
            if let Some(list) = config.get("users") {
                users = Some(list.clone());
            }
        }
        found.user = match users {
            Some(Value::Sequence(users)) => users.iter().find_map(|user| match user {
                Value::String(name) if name == "default" => self::owner(&owner),
                Value::Mapping(user) => self::owner(user),
                _ => None,
            }),
            _ => self::owner(&owner),
        };
        Ok(Some(found))
    }
}

fn owner(user: &Mapping) -> Option<Owner> {
    let name = user.get("name")?.as_str().filter(|name| !name.is_empty())?;
    let groups = match user.get("groups") {
        Some(Value::String(groups)) => groups
            .split(',')
            .map(|group| group.trim().to_owned())
            .collect(),
        Some(Value::Sequence(groups)) => groups
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    };
    let sudo = match user.get("sudo") {
        Some(Value::String(rule)) => !rule.is_empty(),
        Some(Value::Sequence(rules)) => !rules.is_empty(),
        _ => false,
    };
    Some(Owner {
        name: name.to_owned(),
        groups,
        sudo,
    })
}

/// As cloud-init takes it: true, or a word or number that means it.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_u64() == Some(1),
        Value::String(word) => {
            ["true", "yes", "on", "1"].contains(&word.to_ascii_lowercase().as_str())
        }
        _ => false,
    }
}
