//! Texts that wait in a file without a name, so that memory does not grow with their number.

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

use anyhow::{Context as _, Result};
use tempfile::SpooledTempFile;

use crate::domain::keep::{Keep, Kept};

/// So much stays in memory: what a run over one project prints.
const SMALL: usize = 1 << 20;

/// A file that is made when it is needed and goes with the process.
#[derive(Debug)]
pub struct Spool {
    file: SpooledTempFile,
    end: u64,
    /// There is no room for such a file: what is put in memory from now on stays there.
    full: bool,
}

impl Default for Spool {
    fn default() -> Self {
        Self { file: tempfile::spooled_tempfile(SMALL), end: 0, full: false }
    }
}

impl Keep for Spool {
    fn put(&mut self, text: String) -> Kept {
        let at = self.end;
        let mut written = || self.file.seek(SeekFrom::Start(at)).and_then(|_| self.file.write_all(text.as_bytes()));
        if self.full || written().is_err() {
            self.full = true;
            return Kept::Here(text);
        }
        self.end += text.len() as u64;
        Kept::There { at, length: text.len() }
    }

    fn get(&mut self, kept: Kept) -> Result<String> {
        let (at, length) = match kept {
            Kept::Here(text) => return Ok(text),
            Kept::There { at, length } => (at, length),
        };
        let mut bytes = vec![0; length];
        self.file
            .seek(SeekFrom::Start(at))
            .and_then(|_| self.file.read_exact(&mut bytes))
            .context("cannot read the temporary file that holds what was found")?;
        String::from_utf8(bytes).context("the temporary file that holds what was found was changed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_comes_back_in_any_order() {
        let mut spool = Spool::default();
        let texts: Vec<String> = (0..40).map(|number| format!("{number} ä ").repeat(10_000)).collect();
        let kept: Vec<Kept> = texts.iter().map(|text| spool.put(text.clone())).collect();
        assert!(spool.file.is_rolled(), "all of it stayed in memory");
        for (text, kept) in texts.iter().zip(kept).rev() {
            assert!(matches!(kept, Kept::There { .. }));
            assert_eq!(spool.get(kept).ok().as_deref(), Some(text.as_str()));
        }
        spool.full = true;
        let last = spool.put("last".to_owned());
        assert_eq!(last, Kept::Here("last".to_owned()));
        assert_eq!(spool.get(last).ok().as_deref(), Some("last"));
    }
}
