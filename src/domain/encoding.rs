//! The encodings of requirements files: what pip goes by, a byte order mark or a coding line as Python's sources have it
//! (PEP 263). Any other file of a project is UTF-8.

/// How a file that is not UTF-8 is written. Text of ours is ASCII, which each of them has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// One that has ASCII as it is: every other byte is passed on, whatever character it is.
    Bytes,
    Utf16(Order),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn mark(self) -> [u8; 2] {
        self.bytes(0xfeff)
    }

    fn bytes(self, unit: u16) -> [u8; 2] {
        match self {
            Self::Little => unit.to_le_bytes(),
            Self::Big => unit.to_be_bytes(),
        }
    }

    fn unit(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }
}

/// Encodings whose characters have bytes of ASCII in them, by how their names begin (Python, "Standard Encodings").
const MIXED: &[&str] = &[
    "utf", "u8", "u16", "u32", "shift", "sjis", "s_jis", "cp932", "ms932", "gb", "big5", "cp9", "iso2022", "johab",
    "hz",
];

impl Encoding {
    /// That of a requirements file, where its first lines say it.
    fn of(bytes: &[u8]) -> Option<Self> {
        for order in [Order::Little, Order::Big] {
            if bytes.starts_with(&order.mark()) {
                return Some(Self::Utf16(order));
            }
        }
        let head = bytes.split(|byte| *byte == b'\n').take(2);
        let name = head.filter(|line| line.starts_with(b"#")).find_map(coding)?;
        let plain = name.to_ascii_lowercase().replace('-', "_");
        let is_mixed = MIXED.iter().any(|start| plain.starts_with(start) || plain.replace('_', "").starts_with(start));
        (!is_mixed).then_some(Self::Bytes)
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

/// The text of a requirements file that is not UTF-8; `None` where nothing in it says what it is, or where it is not that.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<String> {
    match Encoding::of(bytes)? {
        Encoding::Bytes => Some(bytes.iter().map(|&byte| char::from(byte)).collect()),
        Encoding::Utf16(order) => {
            let (units, []) = bytes.get(2..)?.as_chunks::<2>() else { return None };
            char::decode_utf16(units.iter().map(|unit| order.unit(*unit))).collect::<Result<_, _>>().ok()
        }
    }
}

/// `text` as the file `former` is written, UTF-8 where that is; `None` where its encoding has not all of it.
#[must_use]
pub fn encode(text: &str, former: &[u8]) -> Option<Vec<u8>> {
    if std::str::from_utf8(former).is_ok() {
        return Some(text.into());
    }
    match Encoding::of(former)? {
        Encoding::Bytes => text.chars().map(|c| u8::try_from(c).ok()).collect(),
        Encoding::Utf16(order) => {
            Some(order.mark().into_iter().chain(text.encode_utf16().flat_map(|unit| order.bytes(unit))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_as_it_was() {
        let latin = b"# coding: latin-1\nblack # \xfcber\n";
        let little: Vec<u8> =
            [0xff, 0xfe].into_iter().chain("flask\r\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let big: Vec<u8> =
            [0xfe, 0xff].into_iter().chain("\u{1f40d}\n".encode_utf16().flat_map(u16::to_be_bytes)).collect();
        for (bytes, text) in [(&latin[..], "\u{fc}ber\n"), (&little, "flask\r\n"), (&big, "\u{1f40d}\n")] {
            let read = decode(bytes).unwrap();
            assert!(read.ends_with(text), "{read:?}");
            assert_eq!(encode(&read, bytes).as_deref(), Some(bytes));
        }
    }

    #[test]
    fn what_says_nothing_or_is_no_text_is_not_guessed() {
        for bytes in [
            &b"\xfcber\n"[..],
            b"\xff\xfea",
            b"\xff\xfe\x00\xd8",
            b"# coding: shift-jis\n\x83\x5c\n",
            b"# coding: cp932\n\x83\x5c",
        ] {
            assert_eq!(decode(bytes), None, "{bytes:?}");
        }
    }
}
