//! How tools are told the oldest Python that code is for, each in its own writing.

use serde::Deserialize;

use super::python::Minor;

/// How a tool is told the oldest Python that the code is for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonTarget {
    /// Dotted below the tool's table.
    pub key: String,
    pub style: TargetStyle,
    /// The oldest Python that it can be told, where that is one that projects still are for.
    #[serde(default)]
    pub oldest: Option<Minor>,
}

/// How a feature version is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetStyle {
    /// `"3.11"`.
    Dotted,
    /// `"py311"`.
    Short,
    /// `["py311", "py312"]`, of which the oldest counts.
    ShortList,
}

impl PythonTarget {
    /// The version that a value means; `None` where it cannot be told.
    #[must_use]
    pub fn decode(&self, value: &toml::Value) -> Option<Minor> {
        let short = |text: &str| {
            let digits = text.trim().strip_prefix("py")?;
            let (major, minor) = digits.split_at_checked(1)?;
            Minor::of_version(&format!("{major}.{minor}"))
        };
        match (self.style, value) {
            (TargetStyle::Dotted, toml::Value::String(text)) => Minor::of_version(text),
            (TargetStyle::Short, toml::Value::String(text)) => short(text),
            (TargetStyle::ShortList, toml::Value::Array(items)) => {
                let all: Option<Vec<Minor>> = items.iter().map(|item| short(item.as_str()?)).collect();
                all?.into_iter().min()
            }
            _ => None,
        }
    }

    /// The value that means `version`.
    #[must_use]
    pub fn encode(&self, version: Minor) -> toml::Value {
        let short = || toml::Value::from(format!("py{}{}", version.major, version.minor));
        match self.style {
            TargetStyle::Dotted => version.to_string().into(),
            TargetStyle::Short => short(),
            TargetStyle::ShortList => toml::Value::Array(vec![short()]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_writing_is_read_and_written() {
        let target = |style| PythonTarget { key: String::new(), style, oldest: None };
        let list = target(TargetStyle::ShortList);
        let value: toml::Value = vec!["py312", "py39"].into();
        assert_eq!(list.decode(&value), Some(Minor::new(3, 9)));
        assert_eq!(list.decode(&vec!["py312", "next"].into()), None);
        for style in [TargetStyle::Dotted, TargetStyle::Short, TargetStyle::ShortList] {
            let target = target(style);
            assert_eq!(target.decode(&target.encode(Minor::new(3, 10))), Some(Minor::new(3, 10)));
        }
        assert_eq!(target(TargetStyle::Short).encode(Minor::new(3, 10)), "py310".into());
    }
}
