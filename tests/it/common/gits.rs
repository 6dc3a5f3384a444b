//! Repositories that stand in for what cannot be reached: mirrors of hooks, remotes to clone.

use std::path::PathBuf;

use super::{World, shared};

impl World {
    /// An empty repository in the working folder that was cloned from nothing yet has the files a host puts into it.
    pub fn fresh_clone(&self, name: &str) -> PathBuf {
        let folder = self.work().join(name);
        std::fs::create_dir(&folder).unwrap();
        self.git(&folder, ["init", "-q"]);
        self.write(&format!("work/{name}/README.md"), "# As the host made it\n");
        self.write(&format!("work/{name}/LICENSE"), "All rights reserved.\n");
        self.write(&format!("work/{name}/.gitignore"), "*.bak\n");
        self.git(&folder, ["add", "-A"]);
        self.git(&folder, ["commit", "-q", "--no-verify", "-m", "Initial commit"]);
        folder
    }

    /// Let git find the repository of each hook that the templates name in a local stand-in for it.
    pub fn hook_mirrors(&self) {
        self.git_config("include.path", shared::mirrors().join("gitconfig").to_str().unwrap());
    }
}
