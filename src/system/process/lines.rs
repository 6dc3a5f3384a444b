//! Cuts a stream of bytes into lines as they arrive.

/// Lines end with `\n`, `\r\n` or a bare `\r`, with which progress bars overwrite themselves.
#[derive(Debug, Default)]
pub(super) struct Lines {
    rest: Vec<u8>,
    after_return: bool,
}

impl Lines {
    /// Take in `bytes` and pass on each line that they complete, without its end, decoded lossily.
    pub(super) fn feed(&mut self, bytes: &[u8], on_line: &mut dyn FnMut(&str)) {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n' || byte == b'\r') {
            let (text, end) = match piece.split_last() {
                Some((&end @ (b'\n' | b'\r'), text)) => (text, Some(end)),
                _ => (piece, None),
            };
            let second_half = self.after_return && end == Some(b'\n') && text.is_empty();
            self.rest.extend_from_slice(text);
            // Nothing to show, unless a `\n` makes it the end of an empty line.
            let blank_overwrite = end == Some(b'\r') && self.rest.is_empty();
            self.after_return = end == Some(b'\r') && !blank_overwrite;
            if end.is_some() && !second_half && !blank_overwrite {
                self.flush(on_line);
            }
        }
    }

    /// The stream has ended: what is left is a line too.
    pub(super) fn finish(&mut self, on_line: &mut dyn FnMut(&str)) {
        if !self.rest.is_empty() {
            self.flush(on_line);
        }
    }

    fn flush(&mut self, on_line: &mut dyn FnMut(&str)) {
        on_line(&String::from_utf8_lossy(&self.rest));
        self.rest.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(chunks: &[&[u8]]) -> Vec<String> {
        let mut seen = Vec::new();
        let mut lines = Lines::default();
        for chunk in chunks {
            lines.feed(chunk, &mut |line| seen.push(line.to_owned()));
        }
        lines.finish(&mut |line| seen.push(line.to_owned()));
        seen
    }

    #[test]
    fn every_kind_of_line_end_ends_a_line() {
        assert_eq!(cut(&[b"a\nb\r\nc\rd"]), ["a", "b", "c", "d"]);
    }

    #[test]
    fn empty_lines_are_lines_unless_a_bar_overwrites_itself() {
        assert_eq!(cut(&[b"a\n\nb\r\n\r\n\n"]), ["a", "", "b", "", ""]);
        assert_eq!(cut(&[b"\r 1%\r 2%\n"]), [" 1%", " 2%"]);
    }

    #[test]
    fn lines_and_line_ends_may_be_split_between_chunks() {
        assert_eq!(cut(&[b"a", b"b\r", b"\nc", b"\n"]), ["ab", "c"]);
        assert_eq!(cut(&[b"\xc3", b"\xa4\n"]), ["ä"]);
    }

    #[test]
    fn broken_utf8_is_replaced() {
        assert_eq!(cut(&[b"\xff\n"]), ["\u{fffd}"]);
    }
}
