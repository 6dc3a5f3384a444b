//! Where a project keeps its packages and its tests, as its owner corrects it.

use std::path::Path;

use crate::domain::catalog::Layout;
use crate::domain::spec::Values;
use crate::domain::toolset::Shape;
use crate::domain::tree::RelPath;
use crate::error::Problem;
use crate::system::surroundings;

// How it is corrected on the command line. (A doc comment here would be the help of the verb.)
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Places {
    /// Where the package lies, if that is not what is found
    #[arg(long, value_enum)]
    layout: Option<Layout>,
    /// A folder or module of sources, if that is not what is found; can be repeated
    #[arg(long, value_name = "PATH", value_delimiter = ',', value_parser = plain)]
    sources: Vec<String>,
    /// A folder of tests, if that is not what is found; can be repeated
    #[arg(long, value_name = "PATH", value_delimiter = ',', value_parser = plain)]
    tests: Vec<String>,
}

impl Places {
    /// Let a project have the shape that the flags say.
    ///
    /// # Errors
    /// A path is not one of the project's, or nothing is there.
    pub fn put(&self, shape: &mut Shape, folder: &Path) -> Result<(), Problem> {
        let checked = |paths: &[String], flag: &str| {
            paths
                .iter()
                .try_for_each(|path| check(folder, path))
                .map_err(|what| Problem::usage(format!("{flag}: {what}")))
        };
        if let Some(layout) = self.layout.filter(|layout| *layout != shape.values.layout) {
            let usual = usual_sources(layout, &shape.values);
            if self.sources.is_empty() {
                checked(&usual, "--layout")?;
            }
            shape.values.layout = layout;
            shape.values.sources = Some(usual);
        }
        checked(&self.sources, "--sources")?;
        checked(&self.tests, "--tests")?;
        if !self.sources.is_empty() && self.sources != shape.sources {
            shape.values.sources = Some(self.sources.clone());
        }
        if !self.tests.is_empty() && self.tests != shape.tests {
            shape.values.tests = Some(self.tests.clone());
        }
        shape.correct();
        Ok(())
    }
}

/// The sources of a layout where nothing else is said.
pub fn usual_sources(layout: Layout, values: &Values) -> Vec<String> {
    match layout {
        Layout::Src => vec!["src".to_owned()],
        Layout::Flat => values.package.split('.').next().map(str::to_owned).into_iter().collect(),
        Layout::None => Vec::new(),
    }
}

/// Paths as they are typed, with commas between them.
pub fn split(text: &str) -> Vec<String> {
    text.split(',').flat_map(plain).filter(|path| !path.is_empty()).collect()
}

/// A path without the slash that a shell completes a folder with.
#[allow(clippy::unnecessary_wraps, reason = "a parser of clap's may fail")]
fn plain(path: &str) -> Result<String, std::convert::Infallible> {
    Ok(path.trim().trim_end_matches('/').to_owned())
}

/// What is wrong with a path of sources or tests.
pub fn check(folder: &Path, path: &str) -> Result<(), String> {
    RelPath::new(path).map_err(|error| error.to_string())?;
    let at = folder.join(path);
    let is_module = surroundings::is_file(&at) && at.extension().is_some_and(|it| it == "py" || it == "pyi");
    if surroundings::is_folder(&at) || is_module { Ok(()) } else { Err(format!("there is no folder {path}")) }
}
