//! Questions, only ever on a terminal.
