//! The table of diagnostic codes. A code never changes its meaning and is never used again.
//!
//! What each means is in the files of the folder `code`, one a group; a test holds that none is forgotten.

mod allow;
mod aws;
mod composition;
mod files;
mod info;
mod lints_accounts;
mod lints_builds;
mod lints_scripts;
mod lints_text;
mod secrets;
mod shape;
mod steps;
mod templates;
mod values;
mod variables;
mod yaml;

pub use info::CodeInfo;

/// All codes with what they mean, by code.
pub fn codes() -> impl Iterator<Item = &'static CodeInfo> {
    let groups: [&'static [CodeInfo]; 15] = [
        &yaml::CODES,
        &shape::CODES,
        &variables::CODES,
        &secrets::CODES,
        &templates::CODES,
        &steps::CODES,
        &composition::CODES,
        &files::CODES,
        &values::CODES,
        &aws::CODES,
        &allow::CODES,
        &lints_accounts::CODES,
        &lints_text::CODES,
        &lints_scripts::CODES,
        &lints_builds::CODES,
    ];
    groups.into_iter().flatten()
}

/// What a code means; capital letters or small ones.
pub fn explain(id: &str) -> Option<&'static CodeInfo> {
    codes().find(|info| info.id.eq_ignore_ascii_case(id))
}

/// What kind of problem a diagnostic is about.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Code {
    Syntax,
    TooDeep,
    TooManyNodes,
    DuplicateKey,
    Anchor,
    Tag,
    SeveralDocuments,
    KeyNotText,
    Empty,

    FormatVersion,
    UnknownKey,
    MissingKey,
    WrongType,
    KeysExclude,
    UnknownWord,
    OutOfRange,

    MissingVariable,
    UndeclaredOverride,
    PatternMismatch,
    BadPattern,
    BadVariableName,
    PatternNotAnchored,
    NotOfType,
    NotAChoice,
    UnfitConstraint,
    UnknownEnvironment,

    TemplateSyntax,
    UnknownTemplateName,
    TemplateTooComplex,
    QuotedInterpolation,
    HelperMisused,
    StringAsCondition,

    SecretWritten,
    SecretElsewhere,
    SecretQuoted,
    BadSecretSource,

    UnknownStep,
    DuplicateStepName,
    NotOneKey,
    IncludeCycle,
    TooManyIncludes,
    TooManySteps,
    UnknownParameter,
    MissingParameter,
    DuplicateSecret,

    MissingFile,
    FileOutside,
    FileTooLarge,
    FileUnreadable,
    NotShell,

    BadName,
    NotAbsolute,
    BadMode,
    BadDuration,
    BadPackage,
    UnknownProfile,
    BadDigest,
    BadDate,
    BadOwner,
    BadImageText,
    BadCommand,
    BadVersion,
    UnknownRule,
    NotWaivable,
    BadRegion,
    BadAwsId,
    BadAwsName,
    BadVolume,
    BadUrl,
    DuplicateItem,
    NotOffered,
    ProfilesDisagree,
    BadMatrix,
    NameTaken,
    SeveralCells,
    NoSuchCell,
    SameInCells,

    UnknownLint,
    NotAllowable,
    UnusedAllow,
    LockThenDelete,
    UnknownUser,
    PasswordSet,
    AuthorizedKey,
    SshOpened,
    Placeholder,
    Credential,
    PasswordLiteral,
    RemoveRoot,
    RemoveEmpty,
    WorldWritable,
    PipeToShell,
    PlainHttp,
    NoDigest,
    ClearedEarly,
    Runcmd,
    EndOfLife,
    ImdsV1,
    LiteralRegion,
    AsksBack,
    Sudo,
    OtherPackageManager,
    RestartInScript,
    Sleep,
    AgentStopped,
    GuardStopped,
    Bashism,
}

impl Code {
    /// The code as users see it.
    pub(crate) fn id(self) -> &'static str {
        match self {
            // The text as YAML.
            Code::Syntax => "AM0001",
            Code::TooDeep => "AM0002",
            Code::TooManyNodes => "AM0003",
            Code::DuplicateKey => "AM0004",
            Code::Anchor => "AM0005",
            Code::Tag => "AM0006",
            Code::SeveralDocuments => "AM0007",
            Code::KeyNotText => "AM0008",
            Code::Empty => "AM0009",

            // Shape: keys and types.
            Code::FormatVersion => "AM0010",
            Code::UnknownKey => "AM0011",
            Code::MissingKey => "AM0012",
            Code::WrongType => "AM0013",
            Code::KeysExclude => "AM0014",
            Code::UnknownWord => "AM0015",
            Code::OutOfRange => "AM0016",

            // Variables.
            Code::MissingVariable => "AM0020",
            Code::UndeclaredOverride => "AM0021",
            Code::PatternMismatch => "AM0022",
            Code::BadPattern => "AM0023",
            Code::BadVariableName => "AM0024",
            Code::PatternNotAnchored => "AM0025",
            Code::NotOfType => "AM0026",
            Code::NotAChoice => "AM0027",
            Code::UnfitConstraint => "AM0028",
            Code::UnknownEnvironment => "AM0029",

            // Templates.
            Code::TemplateSyntax => "AM0030",
            Code::UnknownTemplateName => "AM0031",
            Code::TemplateTooComplex => "AM0032",
            Code::QuotedInterpolation => "AM0033",
            Code::HelperMisused => "AM0034",

            // Steps.
            Code::UnknownStep => "AM0040",
            Code::DuplicateStepName => "AM0041",
            Code::NotOneKey => "AM0042",
            // Steps of other files.
            Code::IncludeCycle => "AM0043",
            Code::TooManyIncludes => "AM0044",
            Code::TooManySteps => "AM0045",
            Code::UnknownParameter => "AM0046",
            Code::MissingParameter => "AM0047",
            Code::DuplicateSecret => "AM0048",

            // Files beside the recipe.
            Code::MissingFile => "AM0050",
            Code::FileOutside => "AM0051",
            Code::FileTooLarge => "AM0052",
            Code::FileUnreadable => "AM0053",
            Code::NotShell => "AM0054",

            // Values.
            Code::BadName => "AM0060",
            Code::NotAbsolute => "AM0061",
            Code::BadMode => "AM0062",
            Code::BadDuration => "AM0063",
            Code::BadPackage => "AM0064",
            Code::UnknownProfile => "AM0065",
            Code::BadDigest => "AM0066",
            Code::BadDate => "AM0067",
            Code::BadOwner => "AM0068",
            Code::BadImageText => "AM0069",
            Code::BadCommand => "AM0070",
            Code::BadVersion => "AM0071",
            Code::UnknownRule => "AM0072",
            Code::NotWaivable => "AM0073",
            Code::BadRegion => "AM0074",
            Code::BadAwsId => "AM0075",
            Code::BadAwsName => "AM0076",
            Code::BadVolume => "AM0077",
            Code::BadUrl => "AM0078",
            Code::DuplicateItem => "AM0079",
            // Asked for knowingly, and refused for a reason.
            Code::NotOffered => "AM0080",
            // Names that are known, and do not go together.
            Code::ProfilesDisagree => "AM0081",

            // Secrets, and conditions on variables.
            Code::SecretWritten => "AM0090",
            Code::SecretElsewhere => "AM0091",
            Code::SecretQuoted => "AM0092",
            Code::BadSecretSource => "AM0093",
            Code::StringAsCondition => "AM0094",

            // The matrix.
            Code::BadMatrix => "AM0095",
            Code::NameTaken => "AM0096",
            Code::SeveralCells => "AM0097",
            Code::NoSuchCell => "AM0098",
            Code::SameInCells => "AM0099",

            // What `allow` says.
            Code::UnknownLint => "AM0100",
            Code::NotAllowable => "AM0101",
            Code::UnusedAllow => "AM0102",

            // Lints: accounts.
            Code::LockThenDelete => "AM0110",
            Code::UnknownUser => "AM0111",
            Code::PasswordSet => "AM0112",
            Code::AuthorizedKey => "AM0113",
            Code::SshOpened => "AM0114",
            // Lints: what a text holds.
            Code::Placeholder => "AM0115",
            Code::Credential => "AM0116",
            Code::PasswordLiteral => "AM0117",
            // Lints: files.
            Code::RemoveRoot => "AM0120",
            Code::RemoveEmpty => "AM0121",
            Code::WorldWritable => "AM0122",
            // Lints: downloads.
            Code::PipeToShell => "AM0123",
            Code::PlainHttp => "AM0124",
            Code::NoDigest => "AM0125",
            // Lints: how images are made.
            Code::ClearedEarly => "AM0126",
            Code::Runcmd => "AM0127",
            Code::EndOfLife => "AM0128",
            Code::ImdsV1 => "AM0129",
            Code::LiteralRegion => "AM0130",
            // Lints: scripts that run without anybody.
            Code::AsksBack => "AM0131",
            Code::Sudo => "AM0132",
            Code::OtherPackageManager => "AM0133",
            Code::RestartInScript => "AM0134",
            Code::Sleep => "AM0135",
            Code::AgentStopped => "AM0136",
            Code::GuardStopped => "AM0137",
            Code::Bashism => "AM0138",
        }
    }
}
