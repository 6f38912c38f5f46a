//! The table of diagnostic codes. A code never changes its meaning and is never used again.

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

    TemplateSyntax,
    UnknownTemplateName,
    TemplateTooComplex,
    QuotedInterpolation,
    HelperMisused,

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

            // The matrix.
            Code::BadMatrix => "AM0095",
            Code::NameTaken => "AM0096",
            Code::SeveralCells => "AM0097",
            Code::NoSuchCell => "AM0098",
            Code::SameInCells => "AM0099",
        }
    }
}
