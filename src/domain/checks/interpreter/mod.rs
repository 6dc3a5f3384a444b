//! INT: which Python runs, whether it is the one that is meant, and what the surroundings do to it.

mod installation;
mod surroundings;
mod version;

pub use installation::{EXTERNALLY_MANAGED, OTHER_PIP, WITHOUT_ENSUREPIP};
pub use surroundings::{CONDA_BASE, HOME, LEAKING, SEARCH_PATH};
pub use version::{END_OF_LIFE, NONE_FITS, PIN_NOT_ALLOWED, PIN_NOT_INSTALLED};
