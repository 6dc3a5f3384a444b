//! MAC01: whether the settings of the network can be meant as they stand; nothing is sent anywhere.

use super::super::{Check, Docs, EVERYWHERE, Family, Finding, Findings, Fixable, Location, Severity};
use crate::domain::facts::{Certificates, Facts, NamedBy, Need};
use crate::domain::pip_config;

pub const BROKEN_NETWORK: Check = Check {
    id: "MAC01",
    family: Family::Machine,
    title: "a proxy or a file of certificates is set and cannot be used",
    docs: Docs {
        what: "A variable such as `HTTPS_PROXY` is no address of a proxy, or one such as `SSL_CERT_FILE`, \
               `REQUESTS_CA_BUNDLE` or `PIP_CERT` names a file that is not there or has no certificate in it; or `proxy` or \
               `cert` of a `pip.conf` does (the machine's, yours, or the environment's own).",
        why: "Every installation fails, with errors that speak of TLS or of the index and not of the variable.",
        origin: "The variable was set for a network or by a program that is not there any more, or its value was \
                 mistyped.",
        remedy: "Correct the variable where it is set (`~/.bashrc`, `~/.profile`, `/etc/environment`), or remove it: \
                 `unset SSL_CERT_FILE`. `pip config debug` lists the files that pip reads.",
    },
    needs: &[Need::Variables, Need::Certificates, Need::Installers, Need::Environments],
    severity: Severity::Failure,
    contexts: EVERYWHERE,
    fixable: Fixable::ByHand,
    run: broken_network,
};

const PROXIES: &[&str] = &["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

fn broken_network(facts: &Facts) -> Findings {
    let variables = facts.machine.variables.get()?;
    let mut findings = Vec::new();
    for name in PROXIES {
        let Some(fault) = variables.get(*name).and_then(|value| fault(value)) else { continue };
        findings.push(
            Finding::new(format!("{name} is no address of a proxy"))
                .because(fault)
                .so("nothing can be downloaded")
                .remedy(format!("unset {name}, or set it to http://HOST:PORT")),
        );
    }
    let environment = match &facts.project {
        Some(project) => project.environments.get()?.first(),
        None => None,
    };
    let installers = &facts.machine.installers.get()?.pip[..];
    let own = environment.and_then(|it| it.pip_config.as_ref()).map_or(&[][..], std::slice::from_ref);
    for setting in [installers, own].into_iter().flat_map(pip_config::effective).filter(|it| it.key == "proxy") {
        let Some(fault) = fault(&setting.value) else { continue };
        let file = setting.file.display();
        findings.push(
            Finding::new(format!("proxy in {file} is no address of a proxy"))
                .because(fault)
                .so("pip can download nothing")
                .remedy(format!("remove proxy from {file}, or set it to http://HOST:PORT"))
                .at(Location::file(setting.file)),
        );
    }
    let own = environment.map_or(&[][..], |it| &it.certificates);
    findings.extend(facts.machine.certificates.get()?.iter().chain(own).filter_map(broken_certificates));
    Ok(findings)
}

fn broken_certificates(named: &Certificates) -> Option<Finding> {
    let fault = named.fault.as_ref()?;
    let cause = format!("it is {}, and {fault}", named.path.display());
    Some(match &named.by {
        NamedBy::Variable(variable) => Finding::new(format!("{variable} names no certificates"))
            .because(cause)
            .so("every encrypted connection of the programs that read it fails")
            .remedy(format!("unset {variable}, or name a file of certificates"))
            .at(Location::file(&named.path)),
        NamedBy::File(file) => Finding::new(format!("cert in {} names no certificates", file.display()))
            .because(cause)
            .so("pip can download nothing")
            .remedy(format!("remove cert from {}, or name a file of certificates", file.display()))
            .at(Location::file(file)),
    })
}

/// Why a value cannot be the address of a proxy, without its user and password.
fn fault(value: &str) -> Option<String> {
    let value = value.trim();
    let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
    if !["http", "https", "socks4", "socks4a", "socks5", "socks5h"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return Some("it does not begin with http:// or another scheme of proxies".to_owned());
    }
    let address = rest.rsplit('@').next().unwrap_or_default().split('/').next().unwrap_or_default();
    if address.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')) {
        return Some("there are blanks or quotes in the host".to_owned());
    }
    let (host, port) = match address.rsplit_once(']') {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None => address.rsplit_once(':').map_or((address, None), |(host, port)| (host, Some(port))),
    };
    if host.is_empty() {
        return Some("there is no host in it".to_owned());
    }
    let port = port.filter(|port| !port.is_empty())?;
    port.parse::<u16>().is_err().then(|| format!("{port} is no port"))
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn only_what_no_proxy_can_have_is_at_fault() {
        for fine in [
            "proxy",
            "proxy:3128",
            "http://u:p@proxy:3128/",
            "socks5h://[::1]:1080",
            "HTTP://p",
            "http://p:/",
            "10.0.0.1",
        ] {
            assert_eq!(fault(fine), None, "{fine}");
        }
        for broken in ["htps://proxy:3128", "http://:3128", "http://proxy:port", "http://pro xy", "'proxy'", "http://"]
        {
            assert!(fault(broken).is_some(), "{broken}");
        }
        assert!(!fault("http://user:hunter2@proxy:99999").unwrap().contains("hunter2"));
    }
}
