//! Exit codes by cause: the command's contract with scripts.

/// Why the command ended; the exit code follows from it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ExitClass {
    /// It did what was asked.
    Success,
    /// Something inside amint went wrong that it does not know the cause of.
    Internal,
    /// The command line is wrong.
    Usage,
    /// The recipe is wrong, or a file that it names.
    Recipe,
    /// A prerequisite is missing: a program, a file permission, disk space.
    Preflight,
    /// The cloud has no room for the builder, or a quota is reached.
    Capacity,
    /// The cloud asked to slow down for longer than the build could wait.
    Throttled,
    /// A step of the recipe failed or ran out of time.
    Step,
    /// The builder did not start or answer.
    Builder,
    /// The disk violates a rule at error level.
    Findings,
    /// The disk could not be inspected to the end; there is no verdict.
    Unreadable,
    /// Credentials are missing or over, or they do not allow what the build needs.
    Denied,
    /// Something that the recipe names is not there: a base image, a subnet, an instance profile.
    NotFound,
    /// A name is taken.
    Conflict,
    /// The build cannot be gone on with; it was left as it is.
    Refused,
    /// What was to be released is still there; the last lines say what.
    Remains,
    /// A recipe got weaker, and nobody approved it.
    Weakened,
    /// A lock file is missing, or does not say any more what holds.
    Stale,
    /// The user stopped the build; nothing is left behind.
    Interrupted,
    /// The user stopped the build and something is left behind; the last lines say what.
    InterruptedDirty,
}

impl ExitClass {
    /// All classes, in the order of their codes.
    pub const ALL: [ExitClass; 20] = [
        ExitClass::Success,
        ExitClass::Internal,
        ExitClass::Usage,
        ExitClass::Recipe,
        ExitClass::Preflight,
        ExitClass::Capacity,
        ExitClass::Throttled,
        ExitClass::Step,
        ExitClass::Builder,
        ExitClass::Findings,
        ExitClass::Unreadable,
        ExitClass::Denied,
        ExitClass::NotFound,
        ExitClass::Conflict,
        ExitClass::Refused,
        ExitClass::Remains,
        ExitClass::Weakened,
        ExitClass::Stale,
        ExitClass::Interrupted,
        ExitClass::InterruptedDirty,
    ];

    /// The class with this code, if there is one.
    pub fn of_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.code() == code)
    }

    /// The process exit code. These numbers are public and do not change.
    pub fn code(self) -> u8 {
        match self {
            ExitClass::Success => 0,
            ExitClass::Internal => 1,
            ExitClass::Usage => 2,
            ExitClass::Recipe => 3,
            ExitClass::Preflight => 4,
            ExitClass::Capacity => 5,
            ExitClass::Throttled => 6,
            ExitClass::Step => 7,
            ExitClass::Builder => 8,
            ExitClass::Findings => 9,
            ExitClass::Unreadable => 10,
            ExitClass::Denied => 11,
            ExitClass::NotFound => 12,
            ExitClass::Conflict => 13,
            ExitClass::Refused => 14,
            ExitClass::Remains => 15,
            ExitClass::Weakened => 16,
            ExitClass::Stale => 17,
            ExitClass::Interrupted => 130,
            ExitClass::InterruptedDirty => 131,
        }
    }

    /// One line for the table in the documentation.
    pub fn meaning(self) -> &'static str {
        match self {
            ExitClass::Success => "it did what was asked",
            ExitClass::Internal => "something went wrong inside amint",
            ExitClass::Usage => "the command line is wrong",
            ExitClass::Recipe => "the recipe, or a file that it names, is wrong",
            ExitClass::Preflight => "a program, a file permission or disk space is missing",
            ExitClass::Capacity => "the cloud has no room for the builder, or a quota is reached",
            ExitClass::Throttled => "the cloud refused calls for too long",
            ExitClass::Step => "a step of the recipe failed or ran out of time",
            ExitClass::Builder => "the builder did not start, answer or stop",
            ExitClass::Findings => "the disk violates a rule",
            ExitClass::Unreadable => "the disk could not be inspected, so there is no verdict",
            ExitClass::Denied => "credentials are missing, over, or do not allow enough",
            ExitClass::NotFound => "something that the recipe names is not there",
            ExitClass::Conflict => "a name is taken",
            ExitClass::Refused => "the build cannot be gone on with; it was left as it is",
            ExitClass::Remains => "something could not be released, see the last lines",
            ExitClass::Weakened => "a recipe got weaker, and nobody approved it",
            ExitClass::Stale => "the lock file is missing or stale",
            ExitClass::Interrupted => "interrupted; nothing is left behind",
            ExitClass::InterruptedDirty => {
                "interrupted; something is left behind, see the last lines"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ExitClass;

    #[test]
    fn codes_are_distinct_and_ascending() {
        let codes: Vec<u8> = ExitClass::ALL.iter().map(|class| class.code()).collect();
        assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "{codes:?}");
    }
}
