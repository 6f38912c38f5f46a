//! JSON lines, for programs: each event as it is.

use std::io::{self, Write};

use amint_event::Event;

use super::Renderer;

/// Writes each event as one line of JSON and flushes it.
pub(crate) struct Json<W> {
    output: W,
}

impl<W: Write> Json<W> {
    pub(crate) fn new(output: W) -> Self {
        Self { output }
    }
}

impl<W: Write + Send> Renderer for Json<W> {
    fn render(&mut self, event: &Event) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        self.output.write_all(&line)?;
        self.output.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::script;

    #[test]
    fn each_line_is_one_event() {
        let mut output = Vec::new();
        let events = script::failing_build();
        for event in &events {
            Json::new(&mut output).render(event).unwrap();
        }
        let read: Vec<Event> = String::from_utf8(output)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(read, events);
    }

    #[test]
    fn the_protocol_is_stable() {
        let mut output = Vec::new();
        for event in &script::good_build() {
            Json::new(&mut output).render(event).unwrap();
        }
        insta::assert_snapshot!(String::from_utf8(output).unwrap());
    }
}
