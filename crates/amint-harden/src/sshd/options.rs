//! What sshd's command line sets.

use super::config::Setting;

/// Where sshd's configuration is unless it is told otherwise.
const MAIN: &str = "/etc/ssh/sshd_config";

/// The part of a command line that decides settings.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Options {
    /// The main file (`-f`).
    pub file: String,
    /// Lines that come before that file's (`-o`, `-h`, `-4`, `-6`).
    pub lines: Vec<OptionLine>,
    /// Ports that replace that file's (`-p`).
    pub(super) ports: Vec<Setting>,
    /// Whether there are any.
    pub(super) sets_ports: bool,
}

/// One option as a line of configuration.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OptionLine {
    /// As it would stand in the file.
    pub text: String,
    /// Where the option is: usually a unit.
    pub file: String,
    /// Its line there, from 1.
    pub line: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            file: MAIN.to_owned(),
            lines: Vec::new(),
            ports: Vec::new(),
            sets_ports: false,
        }
    }
}

/// Options that take a value, as getopt(3) has them; the others are flags.
const WITH_VALUE: &str = "CEbcfghkopu";

impl Options {
    /// Reads the words after the program's name. What sshd does not know ends the reading, as it ends sshd.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>, file: &str, line: usize) -> Self {
        let mut options = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let Some(letters) = word
                .strip_prefix('-')
                .filter(|rest| !rest.is_empty() && *rest != "-")
            else {
                break;
            };
            for (at, letter) in letters.char_indices() {
                if !WITH_VALUE.contains(letter) {
                    options.flag(letter, file, line);
                    continue;
                }
                let attached = &letters[at + letter.len_utf8()..];
                let value = match attached.is_empty() {
                    true => words.next().unwrap_or_default(),
                    false => attached,
                };
                options.value(letter, value, file, line);
                break;
            }
        }
        options
    }

    fn flag(&mut self, letter: char, file: &str, line: usize) {
        match letter {
            '4' => self.line("AddressFamily inet", file, line),
            '6' => self.line("AddressFamily inet6", file, line),
            _ => {}
        }
    }

    fn value(&mut self, letter: char, value: &str, file: &str, line: usize) {
        match letter {
            'f' => self.file = value.to_owned(),
            'o' => self.line(value, file, line),
            'h' => self.line(&format!("HostKey {value}"), file, line),
            'p' => {
                self.sets_ports = true;
                self.ports.push(Setting {
                    keyword: "port".to_owned(),
                    arguments: vec![value.to_owned()],
                    file: file.to_owned(),
                    line,
                    condition: None,
                    block: None,
                });
            }
            _ => {}
        }
    }

    fn line(&mut self, text: &str, file: &str, line: usize) {
        self.lines.push(OptionLine {
            text: text.to_owned(),
            file: file.to_owned(),
            line,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    #[test]
    fn options_are_read_as_getopt_reads_them() {
        let words = [
            "-D4",
            "-oPort=23",
            "-o",
            "PermitRootLogin no",
            "-p",
            "24",
            "-Df/x/y",
            "file",
            "-6",
        ];
        let options = Options::parse(words, "/unit", 7);
        let lines: Vec<&str> = options
            .lines
            .iter()
            .map(|line| line.text.as_str())
            .collect();
        assert_eq!(
            lines,
            ["AddressFamily inet", "Port=23", "PermitRootLogin no"]
        );
        assert_eq!(options.file, "/x/y");
        assert_eq!(options.ports[0].arguments, ["24"]);
    }
}
