//! The encodings of requirements files, as pip tells them: a byte order mark, a coding line as Python's sources have it
//! (PEP 263), UTF-8, else whatever the locale says (pip, `_decode_req_file`). Any other file of a project is UTF-8.
//!
//! What we write is ASCII, whole lines of it. So it does not matter which of the many encodings that have ASCII as it is
//! a file is written in: its other bytes are passed on, whatever character they are.

/// How a file that is not UTF-8 is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// One that has ASCII as it is.
    Bytes,
    Utf16(Order),
    Utf32(Order),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

/// Byte order marks. That of UTF-32 begins with that of UTF-16.
const MARKS: &[(&[u8], Encoding)] = &[
    (b"\xff\xfe\0\0", Encoding::Utf32(Order::Little)),
    (b"\0\0\xfe\xff", Encoding::Utf32(Order::Big)),
    (b"\xff\xfe", Encoding::Utf16(Order::Little)),
    (b"\xfe\xff", Encoding::Utf16(Order::Big)),
];

/// Encodings that do not have ASCII as it is, or of which a file that is not UTF-8 cannot be, by how their names begin
/// (Python, "Standard Encodings").
const OTHERS: &[&str] = &["utf", "u8", "u16", "u32", "iso2022", "hz"];

impl Encoding {
    /// That of a requirements file; `None` where ASCII could not be put into it.
    fn of(bytes: &[u8]) -> Option<Self> {
        if let Some((_, encoding)) = MARKS.iter().find(|(mark, _)| bytes.starts_with(mark)) {
            return Some(*encoding);
        }
        let head = bytes.split(|byte| *byte == b'\n').take(2);
        let name = head.filter(|line| line.starts_with(b"#")).find_map(coding).unwrap_or_default();
        let plain = name.to_ascii_lowercase().replace(['-', '_'], "");
        let is_other = OTHERS.iter().any(|start| plain.starts_with(start)) || bytes.starts_with(b"\xef\xbb\xbf");
        // In some encodings the second byte of a character can be that of a backslash, which continues a line.
        let is_doubtful = bytes.windows(2).any(|two| !two[0].is_ascii() && two[1] == b'\\');
        (!is_other && !is_doubtful && !is_wide(bytes)).then_some(Self::Bytes)
    }

    fn mark(self) -> &'static [u8] {
        MARKS.iter().find(|(_, encoding)| *encoding == self).map_or(b"", |(mark, _)| mark)
    }
}

/// Whether bytes without a mark are of an encoding of wide characters: text has no NUL.
#[must_use]
pub fn is_wide(bytes: &[u8]) -> bool {
    bytes.contains(&0)
}

impl Order {
    fn of_unit(self, unit: u16) -> [u8; 2] {
        match self {
            Self::Little => unit.to_le_bytes(),
            Self::Big => unit.to_be_bytes(),
        }
    }

    fn of_char(self, c: char) -> [u8; 4] {
        match self {
            Self::Little => u32::from(c).to_le_bytes(),
            Self::Big => u32::from(c).to_be_bytes(),
        }
    }

    fn unit(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }

    fn char(self, bytes: [u8; 4]) -> Option<char> {
        char::from_u32(match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        })
    }
}

/// The name behind `coding:` or `coding=`.
fn coding(line: &[u8]) -> Option<String> {
    let line = String::from_utf8_lossy(line);
    let (_, rest) = line.split_once("coding")?;
    let name: String = rest
        .strip_prefix([':', '='])?
        .trim_start()
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
        .collect();
    (!name.is_empty()).then_some(name)
}

/// The text of a requirements file that is not UTF-8, for editing: where nothing says what its bytes above ASCII are, they
/// are read as Latin-1. `None` where ASCII could not be put into it, or where it is not what its mark says.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<String> {
    let encoding = Encoding::of(bytes)?;
    let rest = &bytes[encoding.mark().len()..];
    match encoding {
        Encoding::Bytes => Some(rest.iter().map(|&byte| char::from(byte)).collect()),
        Encoding::Utf16(order) => {
            let (units, []) = rest.as_chunks::<2>() else { return None };
            char::decode_utf16(units.iter().map(|unit| order.unit(*unit))).collect::<Result<_, _>>().ok()
        }
        Encoding::Utf32(order) => {
            let (chars, []) = rest.as_chunks::<4>() else { return None };
            chars.iter().map(|bytes| order.char(*bytes)).collect()
        }
    }
}

/// `text` as the file `former` is written, UTF-8 where that is; `None` where its encoding has not all of it.
#[must_use]
pub fn encode(text: &str, former: &[u8]) -> Option<Vec<u8>> {
    if std::str::from_utf8(former).is_ok() {
        return Some(text.into());
    }
    let encoding = Encoding::of(former)?;
    let rest: Vec<u8> = match encoding {
        Encoding::Bytes => text.chars().map(|c| u8::try_from(c).ok()).collect::<Option<_>>()?,
        Encoding::Utf16(order) => text.encode_utf16().flat_map(|unit| order.of_unit(unit)).collect(),
        Encoding::Utf32(order) => text.chars().flat_map(|c| order.of_char(c)).collect(),
    };
    Some([encoding.mark(), &rest].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_as_it_was() {
        let wide = |mark: &[u8], rest: Vec<u8>| [mark, &rest].concat();
        let little16 = wide(b"\xff\xfe", "flask\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect());
        let big16 = wide(b"\xfe\xff", "\u{1f40d}\n".encode_utf16().flat_map(u16::to_be_bytes).collect());
        let little32 = wide(b"\xff\xfe\0\0", "\u{e4}\n".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect());
        let big32 = wide(b"\0\0\xfe\xff", "\u{e4}\n".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect());
        for (bytes, text) in [
            (&b"# coding: latin-1\nblack # \xfcber\n"[..], "\u{fc}ber\n"),
            (b"black # \xfcber\n", "\u{fc}ber\n"),
            (b"# coding: shift-jis\nblack # \x83e\n", "e\n"),
            (&little16, "flask\r\n"),
            (&big16, "\u{1f40d}\n"),
            (&little32, "\u{e4}\n"),
            (&big32, "\u{e4}\n"),
        ] {
            let read = decode(bytes).unwrap();
            assert!(read.ends_with(text), "{read:?}");
            assert_eq!(encode(&read, bytes).as_deref(), Some(bytes));
        }
    }

    #[test]
    fn what_ascii_cannot_be_put_into_is_refused() {
        for bytes in [
            &b"\xff\xfea"[..],
            b"\xff\xfe\x00\xd8",
            b"\xff\xfe\0\0a",
            b"\xfc\0b\0",
            b"# coding: utf-8\n\xfc\n",
            b"\xef\xbb\xbf\xfc\n",
            b"# coding: shift-jis\n\x83\x5c\n",
            b"\x83\x5c\n",
            b"# coding=iso2022_jp\n\xfc\n",
        ] {
            assert_eq!(decode(bytes), None, "{bytes:?}");
        }
    }
}
