//! Every kind of token and node, and the rowan language that ties them together.

/// The rowan language of Runi's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuniLanguage {}

/// A node of a tree.
pub type SyntaxNode = rowan::SyntaxNode<RuniLanguage>;
/// A token of a tree.
pub type SyntaxToken = rowan::SyntaxToken<RuniLanguage>;
/// A node or a token.
pub type SyntaxElement = rowan::SyntaxElement<RuniLanguage>;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// The kind of a token or node.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum SyntaxKind { $($(#[$doc])* $name,)* }

        const ALL: &[SyntaxKind] = &[$(SyntaxKind::$name,)*];
    };
}

kinds! {
    /// Blanks, tabs, a byte order mark.
    Whitespace,
    /// One line end.
    Newline,
    /// `# …` up to the end of the line.
    Comment,
    /// `-- …` or `/* … */` inside SQL.
    SqlComment,
    /// `"""…"""` at the start of a line.
    Docstring,
    /// `Contract:`.
    ContractKw,
    /// `Feature:`.
    FeatureKw,
    /// `Scenario:`.
    ScenarioKw,
    /// `Step:`.
    StepKw,
    /// `Examples:`.
    ExamplesKw,
    /// `become`, alone on a line of an `Examples:` block.
    BecomeKw,
    /// `Given`, `When`, `Then`, `And` or `But` at the start of a line.
    NarrationKw,
    /// Words that mean nothing to the compiler: titles and narration.
    Prose,
    /// `` `…` `` inside narration.
    CodeSpan,
    /// `@name`.
    TagName,
    /// A name or an SQL word.
    Ident,
    /// `$name`.
    Param,
    /// A number with whatever sticks to it: `15m`, `1.2.0`.
    Number,
    /// `"…"`.
    DoubleQuoted,
    /// `'…'`.
    SingleQuoted,
    /// `(`.
    LParen,
    /// `)`.
    RParen,
    /// `[` or `{`.
    LBracket,
    /// `]` or `}`.
    RBracket,
    /// `,`.
    Comma,
    /// `:`.
    Colon,
    /// `=`.
    Eq,
    /// `<`.
    Less,
    /// `>`.
    Greater,
    /// `|` of a table row.
    Pipe,
    /// The text between two pipes, without the blanks around it.
    Cell,
    /// Any other character.
    Punct,

    /// The file.
    Root,
    /// `Feature:` and its docstring.
    Feature,
    /// `Contract:` and all that belongs to it.
    Contract,
    /// `Scenario:` and all that belongs to it, the tags above it included.
    Scenario,
    /// `Step:` and all that belongs to it, the tags above it included.
    StepDef,
    /// An `Examples:` block.
    Examples,
    /// The prose after a keyword.
    Title,
    /// A name that is declared or used.
    Name,
    /// `@2` after a step's name.
    VersionSuffix,
    /// `(a: t, …)` of a step.
    ParamList,
    /// `a: t = default`.
    ParamDecl,
    /// The default of a parameter.
    Default,
    /// `needs a t, …`.
    Needs,
    /// `gives a t, …`.
    Gives,
    /// `a t` of `needs` and `gives`.
    ColumnDecl,
    /// A field's line.
    Field,
    /// A type.
    Type,
    /// The quoted words that end a field's line.
    Description,
    /// A tag with all that follows it.
    Tag,
    /// `(…)` after a tag.
    ArgList,
    /// One argument.
    Arg,
    /// The part of an argument after `=`, or all of it.
    Value,
    /// The quoted title of a tag.
    TagTitle,
    /// An expression, a `select` or an action.
    Body,
    /// `as name`.
    Alias,
    /// `when …` or `otherwise` of a sink.
    Route,
    /// A line of narration.
    Narration,
    /// `Given name` above a table.
    TableName,
    /// Rows of cells.
    Table,
    /// One row.
    TableRow,
    /// Text that fits nowhere.
    Error,
}

impl SyntaxKind {
    /// Whether it carries no meaning: blanks, line ends, comments.
    #[must_use]
    pub fn is_trivia(self) -> bool {
        matches!(self, Self::Whitespace | Self::Newline | Self::Comment)
    }

    /// Whether it begins an item.
    #[must_use]
    pub fn is_keyword(self) -> bool {
        matches!(self, Self::ContractKw | Self::FeatureKw | Self::ScenarioKw | Self::StepKw | Self::ExamplesKw)
    }
}

impl From<SyntaxKind> for rowan::SyntaxKind {
    fn from(kind: SyntaxKind) -> Self {
        Self(kind as u16)
    }
}

impl rowan::Language for RuniLanguage {
    type Kind = SyntaxKind;

    fn kind_from_raw(raw: rowan::SyntaxKind) -> SyntaxKind {
        ALL.get(usize::from(raw.0)).copied().unwrap_or(SyntaxKind::Error)
    }

    fn kind_to_raw(kind: SyntaxKind) -> rowan::SyntaxKind {
        kind.into()
    }
}
