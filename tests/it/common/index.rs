//! A package index (PEP 503, PEP 658) on loopback, and several that misbehave.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use super::shared;

/// How an index answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Behaviour {
    /// It serves the wheels of this folder, with the hash of each that has one beside it (`x.whl.sha256`).
    Serve(PathBuf),
    /// As `Serve`, to `user` with `password` only.
    Guarded { wheels: PathBuf, user: &'static str, password: &'static str },
    /// It has no package: 404 to everything.
    Empty,
    /// It accepts connections and never answers.
    Hang,
    /// 500 to everything.
    Broken,
}

/// A running index; it ends with the process.
pub struct Index {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Index {
    /// The index that serves [`shared::wheels`], one for all tests of the process. Its port is the same in every run where
    /// it is free, so that caches which go by URL stay warm.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Index> = OnceLock::new();
        SHARED.get_or_init(|| {
            let usual = TcpListener::bind(("127.0.0.1", 28_411));
            let listener = usual.unwrap_or_else(|_| TcpListener::bind(("127.0.0.1", 0)).unwrap());
            Self::on(listener, Behaviour::Serve(shared::wheels()))
        })
    }

    pub fn start(behaviour: Behaviour) -> Self {
        Self::on(TcpListener::bind(("127.0.0.1", 0)).unwrap(), behaviour)
    }

    fn on(listener: TcpListener, behaviour: Behaviour) -> Self {
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        thread::spawn(move || {
            let mut kept = Vec::new();
            for stream in listener.incoming().flatten() {
                if behaviour == Behaviour::Hang {
                    kept.push(stream);
                    continue;
                }
                let (behaviour, log) = (behaviour.clone(), Arc::clone(&log));
                thread::spawn(move || {
                    let _ = answer(&stream, &behaviour, &log);
                });
            }
        });
        Self { address, asked }
    }

    /// `http://127.0.0.1:port/simple/`
    pub fn url(&self) -> String {
        format!("http://{}/simple/", self.address)
    }

    /// The same with credentials in it.
    pub fn url_with(&self, user: &str, password: &str) -> String {
        format!("http://{user}:{password}@{}/simple/", self.address)
    }

    /// The paths that were asked for until now.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// A port on which nothing listens: a dead proxy.
pub fn dead_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

struct Request {
    method: String,
    path: String,
    authorization: Option<String>,
}

/// Answer the requests of one connection until the client closes it.
fn answer(stream: &TcpStream, behaviour: &Behaviour, log: &Mutex<Vec<String>>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(request) = read(&mut reader)? {
        log.lock().unwrap().push(request.path.clone());
        let (status, kind, body) = respond(&request, behaviour);
        let age = if kind == "text/html" { "max-age=600" } else { "max-age=31536000, immutable" };
        let challenge = if status.starts_with("401") { "WWW-Authenticate: Basic realm=\"index\"\r\n" } else { "" };
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: {age}\r\n{challenge}\r\n",
            body.len()
        );
        let mut writer = stream;
        writer.write_all(head.as_bytes())?;
        if request.method != "HEAD" {
            writer.write_all(&body)?;
        }
    }
    Ok(())
}

fn read(reader: &mut impl BufRead) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let (method, path) = (words.next().unwrap_or("").to_owned(), words.next().unwrap_or("/").to_owned());
    let mut authorization = None;
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? == 0 || header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("authorization")
        {
            authorization = Some(value.trim().to_owned());
        }
    }
    Ok(Some(Request { method, path, authorization }))
}

fn respond(request: &Request, behaviour: &Behaviour) -> (&'static str, &'static str, Vec<u8>) {
    let refused = |status| (status, "text/html", Vec::new());
    match behaviour {
        Behaviour::Serve(wheels) => serve(&request.path, wheels),
        Behaviour::Guarded { wheels, user, password } => {
            let expected = format!("Basic {}", base64(format!("{user}:{password}").as_bytes()));
            if request.authorization.as_deref() == Some(&expected) {
                serve(&request.path, wheels)
            } else {
                refused("401 Unauthorized")
            }
        }
        Behaviour::Broken => refused("500 Internal Server Error"),
        Behaviour::Empty | Behaviour::Hang => refused("404 Not Found"),
    }
}

fn serve(path: &str, wheels: &Path) -> (&'static str, &'static str, Vec<u8>) {
    let missing = ("404 Not Found", "text/html", Vec::new());
    if let Some(name) = path.strip_prefix("/files/") {
        return match fs::read(wheels.join(name.replace("%2B", "+"))) {
            Ok(bytes) => ("200 OK", "application/octet-stream", bytes),
            Err(_) => missing,
        };
    }
    let Some(project) = path.strip_prefix("/simple/").map(|rest| rest.trim_end_matches('/')) else { return missing };
    let mut page = String::from("<!DOCTYPE html><html><body>\n");
    let mut found = false;
    for entry in fs::read_dir(wheels).into_iter().flatten().flatten() {
        let file = entry.file_name().into_string().unwrap_or_default();
        let is_wheel = Path::new(&file).extension().is_some_and(|extension| extension == "whl");
        if is_wheel && normalised(file.split('-').next().unwrap_or("")) == project {
            found = true;
            let hash = fs::read_to_string(wheels.join(format!("{file}.sha256"))).unwrap_or_default();
            let hash = if hash.is_empty() { hash } else { format!("#sha256={hash}") };
            page += &format!("<a href=\"/files/{file}{hash}\" data-core-metadata=\"true\">{file}</a>\n");
        }
    }
    if found { ("200 OK", "text/html", page.into_bytes()) } else { missing }
}

/// PEP 503.
fn normalised(name: &str) -> String {
    name.to_lowercase().replace(['_', '.'], "-")
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut group = [0; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let number = u32::from(group[0]) << 16 | u32::from(group[1]) << 8 | u32::from(group[2]);
        for place in 0..4 {
            let sextet = (number >> (18 - 6 * place)) as usize & 63;
            text.push(if place <= chunk.len() { char::from(ALPHABET[sextet]) } else { '=' });
        }
    }
    text
}
