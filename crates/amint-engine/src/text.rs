//! A command's output, from bytes that come in pieces to whole lines.

use std::collections::VecDeque;

/// How many lines are remembered for an error.
const REMEMBERED: usize = 20;
/// A line that is longer than this many bytes is cut into several.
const LONGEST: usize = 16 * 1024;

/// Cuts a stream of bytes into lines and remembers the last ones.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    partial: Vec<u8>,
    last: VecDeque<String>,
}

impl Lines {
    /// Takes in some bytes; returns the lines that they complete, joined by newlines.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Option<String> {
        let mut complete = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.partial.extend_from_slice(piece);
            if piece.ends_with(b"\n") || self.partial.len() >= LONGEST {
                complete.push(self.take_line());
            }
        }
        (!complete.is_empty()).then(|| complete.join("\n"))
    }

    /// Ends the stream; returns its last line if that had no newline.
    pub(crate) fn finish(&mut self) -> Option<String> {
        (!self.partial.is_empty()).then(|| self.take_line())
    }

    /// The last lines, the unfinished one included.
    pub(crate) fn last(&self) -> Vec<String> {
        let unfinished = (!self.partial.is_empty()).then(|| decode(&self.partial));
        let mut lines: Vec<String> = self.last.iter().cloned().chain(unfinished).collect();
        if lines.len() > REMEMBERED {
            lines.remove(0);
        }
        lines
    }

    fn take_line(&mut self) -> String {
        let line = decode(&std::mem::take(&mut self.partial));
        if self.last.len() == REMEMBERED {
            self.last.pop_front();
        }
        self.last.push_back(line.clone());
        line
    }
}

/// One line as text: no line end, and of a line that was drawn over (`\r`) the last drawing only.
fn decode(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line.rsplit(|byte| *byte == b'\r').next().unwrap_or(line);
    String::from_utf8_lossy(line).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_wherever_the_pieces_end() {
        let text = "first\nzweite Zeile: grün\r\n  10%\r 100%\nno newline".as_bytes();
        for cut in 0..text.len() {
            let mut lines = Lines::default();
            let (before, after) = text.split_at(cut);
            let pieces = [lines.push(before), lines.push(after), lines.finish()];
            let joined = pieces.into_iter().flatten().collect::<Vec<_>>().join("\n");
            assert_eq!(
                joined, "first\nzweite Zeile: grün\n 100%\nno newline",
                "cut at {cut}"
            );
        }
    }

    #[test]
    fn bytes_that_are_not_utf_8_become_replacement_characters() {
        assert_eq!(
            Lines::default().push(b"a\xffb\n").as_deref(),
            Some("a\u{fffd}b")
        );
    }

    #[test]
    fn an_endless_line_is_cut() {
        let mut lines = Lines::default();
        assert!(lines.push(&[b'x'; LONGEST]).is_some());
        assert!(lines.finish().is_none());
    }

    #[test]
    fn the_last_lines_are_remembered() {
        let mut lines = Lines::default();
        for number in 0..30 {
            lines.push(format!("{number}\n").as_bytes());
        }
        lines.push(b"30");
        let last = lines.last();
        assert_eq!(
            (last.len(), last[0].as_str(), last[19].as_str()),
            (REMEMBERED, "11", "30")
        );
    }
}
