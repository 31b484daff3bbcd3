//! The output layer: stdout is data, stderr is talk. Nothing else in this crate prints.

use crate::cli::{ColorChoice, Global};
use crate::error::CommandError;
use anstream::AutoStream;
use std::cell::RefCell;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

/// Where words go.
pub(crate) struct Shell {
    color: ColorChoice,
    quiet: bool,
    /// Why stdout takes no more data; `BrokenPipe` where its reader has seen enough.
    refused: RefCell<Option<std::io::Error>>,
}

/// The colour of a status word.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tone {
    /// Done.
    Good,
    /// Look here.
    Warn,
    /// Wrong.
    Bad,
    /// By the way.
    Note,
}

impl Shell {
    /// As the command line asks.
    pub(crate) fn new(global: &Global) -> Self {
        let shell = Self { color: global.color, quiet: global.quiet, refused: RefCell::new(None) };
        let level = match global.verbose {
            0 => "off",
            1 => "runi=info",
            2 => "runi=debug",
            _ => "debug",
        };
        if global.verbose > 0 {
            let _ =
                tracing_subscriber::fmt().with_env_filter(level).with_writer(std::io::stderr).with_ansi(shell.colors_stderr()).try_init();
        }
        shell
    }

    /// Whether talk is coloured.
    pub(crate) fn colors_stderr(&self) -> bool {
        self.decide(std::io::stderr().is_terminal())
    }

    /// Whether data is coloured.
    pub(crate) fn colors_stdout(&self) -> bool {
        self.decide(std::io::stdout().is_terminal())
    }

    fn decide(&self, terminal: bool) -> bool {
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        }
    }

    /// Whether a progress bar would be seen.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    /// Data. A reader that has seen enough (`| head`) is no error; what else goes wrong is told by [`Shell::ended`].
    pub(crate) fn data(&self, text: &str) {
        if self.refused.borrow().is_some() {
            return;
        }
        let choice = if self.colors_stdout() { anstream::ColorChoice::Always } else { anstream::ColorChoice::Never };
        let mut out = AutoStream::new(std::io::stdout().lock(), choice);
        let end: &[u8] = if text.is_empty() || text.ends_with('\n') { b"" } else { b"\n" };
        let written = out.write_all(text.as_bytes()).and_then(|()| out.write_all(end)).and_then(|()| out.flush());
        *self.refused.borrow_mut() = written.err();
    }

    /// The exit code of a command that ended so: data that did not arrive makes it a failure.
    pub(crate) fn ended(&self, code: ExitCode) -> ExitCode {
        match self.refused.take() {
            Some(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                let hint = "what was printed is not complete";
                self.failure(&CommandError::environment(format!("cannot write to standard output: {error}")).hint(hint))
            }
            _ => code,
        }
    }

    /// Talk.
    pub(crate) fn talk(&self, text: &str) {
        if !self.quiet {
            self.always(text);
        }
    }

    fn always(&self, text: &str) {
        let choice = if self.colors_stderr() { anstream::ColorChoice::Always } else { anstream::ColorChoice::Never };
        let mut err = AutoStream::new(std::io::stderr().lock(), choice);
        let _ = writeln!(err, "{}", text.trim_end_matches('\n'));
    }

    /// A status line: a right-aligned word and what it is about.
    pub(crate) fn status(&self, tone: Tone, word: &str, text: &str) {
        self.talk(&format!("{}{word:>12}\x1b[0m {text}", ansi(tone)));
    }

    /// A failed command: message, hints, exit code.
    pub(crate) fn failure(&self, error: &CommandError) -> ExitCode {
        let code = error.code.as_ref().map_or_else(String::new, |code| format!("[{code}]"));
        self.always(&format!("\x1b[1;31merror{code}\x1b[0m: {}", error.message));
        for hint in &error.hints {
            self.always(&format!("  \x1b[1;36mhint\x1b[0m: {hint}"));
        }
        error.exit.into()
    }
}

fn ansi(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "\x1b[1;32m",
        Tone::Warn => "\x1b[1;33m",
        Tone::Bad => "\x1b[1;31m",
        Tone::Note => "\x1b[1;36m",
    }
}
