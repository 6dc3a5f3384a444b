//! MAC02: room on disk, programs in temporary folders, the locale, the clock.

use super::super::{Check, Docs, EVERYWHERE, Family, Finding, Findings, Fixable, Location, Severity};
use crate::domain::facts::{Facts, Machine, Need, NoAnswer, Volume};
use crate::domain::python::NEWEST_SINCE;

pub const SURROUNDINGS: Check = Check {
    id: "MAC02",
    family: Family::Machine,
    title: "the disk, the locale or the clock gets in the way",
    docs: Docs {
        what: "The disk with the home folder or with temporary files is full, programs there may not be run \
               (`noexec`), the locale asks for another encoding than UTF-8, or the clock shows a day that is long past.",
        why: "Installations fail halfway, packages that are compiled cannot be built, Python reads and writes texts \
              in another encoding than everybody else's, and no certificate is valid yet.",
        origin: "Caches that nobody empties, a hardened server, an old setting of the language, a machine whose \
                 battery was empty.",
        remedy: "Make room (`pip cache purge`, `uv cache clean`), set `TMPDIR` to a folder where programs may run, set \
                 `LANG` to a locale that ends with `.UTF-8`, or set the clock.",
    },
    needs: &[Need::Volumes, Need::Variables],
    severity: Severity::Warning,
    contexts: EVERYWHERE,
    fixable: Fixable::ByHand,
    run: surroundings,
};

/// With less than this many bytes free, hardly a package can be installed.
const FULL: u64 = 64 << 20;

fn surroundings(facts: &Facts) -> Findings {
    let machine = &facts.machine;
    let mut findings = Vec::new();
    let volumes = match machine.volumes.get() {
        // The rest is known all the same.
        Err(NoAnswer::Unknown(_)) => &[][..],
        known => known?,
    };
    for volume in volumes {
        let folder = volume.folder.display();
        let at = Location::file(&volume.folder);
        if volume.free < FULL {
            let free = volume.free >> 20;
            findings.push(
                Finding::new(format!("the disk with {} is full", volume.purpose))
                    .because(format!("{free} MiB are free for {folder}"))
                    .so("installing fails halfway")
                    .remedy("make room: pip cache purge, uv cache clean")
                    .severity(Severity::Failure)
                    .at(at.clone()),
            );
        }
        if volume.no_execution {
            findings.push(no_execution(volume).at(at));
        }
    }
    findings.extend(locale(machine)?);
    findings.extend(clock(machine)?);
    Ok(findings)
}

fn no_execution(volume: &Volume) -> Finding {
    Finding::new(format!("programs among {} may not be run", volume.purpose))
        .because(format!("{} is mounted with noexec", volume.folder.display()))
        .so("packages that have to be compiled cannot be built, and programs of environments there do not start")
        .remedy("export TMPDIR to a folder where programs may run, such as ~/.cache/tmp")
}

/// Python itself takes UTF-8 for `C` and `POSIX` (PEP 538, PEP 540) and for what the system does not know.
fn locale(machine: &Machine) -> Result<Option<Finding>, NoAnswer> {
    let variables = machine.variables.get()?;
    if variables.get("PYTHONUTF8").is_some_and(|value| value == "1") {
        return Ok(None);
    }
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| Some((*name, variables.get(*name)?)));
    let Some((name, value)) = set else { return Ok(None) };
    let Some((_, encoding)) = value.split_once('.') else { return Ok(None) };
    let encoding = encoding.split('@').next().unwrap_or_default();
    if encoding.to_ascii_lowercase().replace('-', "") == "utf8" {
        return Ok(None);
    }
    Ok(Some(
        Finding::new(format!("the locale asks for {encoding} and not for UTF-8"))
            .because(format!("{name} is {value}"))
            .so("Python reads and writes texts in another encoding than everybody else's, and fails at some letters")
            .remedy(format!("export {name}=C.UTF-8")),
    ))
}

fn clock(machine: &Machine) -> Result<Option<Finding>, NoAnswer> {
    let is_given = machine.variables.get()?.contains_key("SOURCE_DATE_EPOCH");
    if is_given || machine.today.as_str() >= NEWEST_SINCE {
        return Ok(None);
    }
    Ok(Some(
        Finding::new("the clock of this machine is wrong")
            .because(format!("it shows {}, and this program was made after {NEWEST_SINCE}", machine.today))
            .so("no certificate is valid yet, so that nothing can be downloaded")
            .remedy("set the clock: sudo timedatectl set-ntp true")
            .severity(Severity::Failure),
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::facts::Fact;

    fn machine(today: &str, variables: &[(&str, &str)]) -> Machine {
        let variables: BTreeMap<String, String> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Machine { today: today.to_owned(), variables: Fact::Known(variables), ..Machine::default() }
    }

    #[test]
    fn a_clock_before_this_program_is_wrong() {
        assert!(clock(&machine("1970-01-02", &[])).unwrap().is_some());
        assert!(clock(&machine(NEWEST_SINCE, &[])).unwrap().is_none());
        // A day that was given for builds that can be repeated is not the clock's.
        assert!(clock(&machine("1980-01-01", &[("SOURCE_DATE_EPOCH", "315532800")])).unwrap().is_none());
    }

    #[test]
    fn the_strongest_variable_decides_the_encoding() {
        let is_fault = |variables: &[(&str, &str)]| locale(&machine("", variables)).unwrap().is_some();
        assert!(is_fault(&[("LANG", "de_DE.ISO-8859-1")]) && is_fault(&[("LC_ALL", "de_DE.ISO-8859-15@euro")]));
        assert!(!is_fault(&[("LC_ALL", "C.UTF-8"), ("LANG", "de_DE.ISO-8859-1")]));
        for fine in ["C", "POSIX", "en_US.utf8", "C.UTF-8", "de_DE"] {
            assert!(!is_fault(&[("LANG", fine)]), "{fine}");
        }
        assert!(!is_fault(&[("LANG", "de_DE.ISO-8859-1"), ("PYTHONUTF8", "1")]));
    }
}
