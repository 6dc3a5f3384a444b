//! Which package of the operating system brings what a Python lacks.

use std::fs;

use crate::domain::facts::Interpreter;

/// The command that makes `venv` and a first pip available for `interpreter`, as far as this system is known.
#[must_use]
pub fn missing_venv(interpreter: &Interpreter) -> String {
    let release = fs::read_to_string("/etc/os-release").or_else(|_| fs::read_to_string("/usr/lib/os-release"));
    for_system(&release.unwrap_or_default(), interpreter)
}

fn for_system(release: &str, interpreter: &Interpreter) -> String {
    let field = |name: &str| {
        let line = release.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.unwrap_or_default().trim_matches(['"', '\'']).to_owned()
    };
    let systems = format!("{} {}", field("ID"), field("ID_LIKE"));
    let system = systems.split_whitespace().find_map(|id| match id {
        "debian" | "ubuntu" => Some("debian"),
        "fedora" | "rhel" | "centos" => Some("fedora"),
        "alpine" => Some("alpine"),
        "arch" => Some("arch"),
        id if id == "suse" || id.starts_with("opensuse") || id == "sles" => Some("suse"),
        _ => None,
    });
    let minor = interpreter.minor;
    match system {
        Some("debian") => format!("apt install python{minor}-venv"),
        Some("fedora") => "dnf install python3-pip".into(),
        Some("alpine") => "apk add python3 py3-pip".into(),
        Some("arch") => "pacman -S python python-pip".into(),
        Some("suse") => format!("zypper install python{}{}-pip", minor.major, minor.minor),
        _ => format!("install uv, or the packages venv and pip of Python {minor}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::python::Minor;

    #[test]
    fn each_system_has_its_name() {
        let interpreter = Interpreter {
            executable: "/usr/bin/python3".into(),
            prefix: "/usr".into(),
            version: "3.12.1".into(),
            minor: Minor::new(3, 12),
            implementation: "cpython".into(),
            stdlib: "/usr/lib/python3.12".into(),
            has_venv: true,
            has_ensurepip: false,
            pip: None,
            externally_managed: true,
        };
        let of = |release: &str| for_system(release, &interpreter);
        assert_eq!(of("NAME=\"Debian\"\nID=debian\n"), "apt install python3.12-venv");
        assert_eq!(of("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"), "apt install python3.12-venv");
        assert_eq!(of("ID=\"opensuse-leap\"\n"), "zypper install python312-pip");
        assert!(of("").starts_with("install uv"));
    }
}
