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

    /// Let git find the repository of each hook that the templates name in a local one with the same hooks: `language:
    /// python`, the tool itself from the package index as an additional dependency.
    pub fn hook_mirrors(&self) {
        for tool in shared::tools_as_data() {
            let Some(release) = tool.release() else { continue };
            for hook in tool.array("hooks") {
                let text = |key: &str| hook.get(key).and_then(toml::Value::as_str);
                let distribution = text("distribution").unwrap_or(&tool.name);
                let version = shared::version_of(release, distribution);
                let rev = text("rev").unwrap().replace("<< version >>", version);
                let requirement = format!("{distribution}=={version}");
                self.hook_mirror(text("repo").unwrap(), &rev, &requirement, text("id").unwrap());
            }
        }
    }

    fn hook_mirror(&self, url: &str, rev: &str, requirement: &str, id: &str) {
        let name = url.trim_end_matches('/').rsplit('/').next().unwrap();
        let folder = self.root().join("mirrors").join(name);
        if !folder.exists() {
            std::fs::create_dir_all(&folder).unwrap();
            self.git(&folder, ["init", "-q"]);
            let (package, _) = requirement.split_once("==").unwrap();
            self.write(
                &format!("mirrors/{name}/setup.py"),
                &format!("from setuptools import setup\nsetup(name='mirror-{package}', version='0', py_modules=[], install_requires=['{requirement}'])\n"),
            );
        }
        let hooks = folder.join(".pre-commit-hooks.yaml");
        let old = std::fs::read_to_string(&hooks).unwrap_or_default();
        let entry = format!("- id: {id}\n  name: {id}\n  entry: {id}\n  language: python\n  types_or: [python, pyi]\n");
        std::fs::write(&hooks, old + &entry).unwrap();
        self.git(&folder, ["add", "-A"]);
        self.git(&folder, ["commit", "-q", "--no-verify", "-m", "As the mirror has it"]);
        self.git(&folder, ["tag", "-f", "-m", rev, rev]);
        self.git_config(&format!("url.{}.insteadOf", folder.display()), url);
    }
}
