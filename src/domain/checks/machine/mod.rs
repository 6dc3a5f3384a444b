//! MAC: what of the machine gets in the way of Python, whichever project it is.

mod network;
mod place;

pub use network::BROKEN_NETWORK;
pub use place::SURROUNDINGS;
