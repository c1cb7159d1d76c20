//! nginx before several nodes, as docs/operations.md describes it.

use super::process::{Guarded, eventually};
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use tempfile::TempDir;

/// The server; it ends with this value.
pub struct Nginx {
    _process: Guarded,
    _folder: TempDir,
    address: String,
}

impl Nginx {
    /// Before nodes at these addresses, `http://127.0.0.1:PORT`.
    pub fn before(nodes: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // nginx takes no "any port"; this one was free a moment ago.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let settings = settings(folder.path(), &address, &documented(nodes));
        let file = folder.path().join("nginx.conf");
        fs::write(&file, settings).unwrap();
        let folder_name = folder.path().to_str().unwrap();
        let process = Guarded::start("nginx", &["-p", folder_name, "-c", file.to_str().unwrap()]);
        eventually(|| TcpStream::connect(&address).is_ok());
        Self { _process: process, _folder: folder, address }
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// What the documentation says, with these nodes in the place of those that it names.
fn documented(nodes: &[String]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operations.md");
    let text = fs::read_to_string(path).unwrap();
    let example = text.split("```nginx\n").nth(1).expect("an example").split("```").next().unwrap();
    let server = example.lines().map(str::trim).find(|line| line.starts_with("server 10.")).expect("a node");
    let (_, manner) = server.split_once(":8080").unwrap();
    let mut lines: Vec<String> =
        example.lines().filter(|line| !line.trim().starts_with("server 10.")).map(str::to_owned).collect();
    let upstream = lines.iter().position(|line| line.starts_with("upstream ")).expect("the nodes' place");
    for node in nodes {
        lines.insert(upstream + 1, format!("server {}{manner}", node.trim_start_matches("http://")));
    }
    lines.join("\n")
}

/// One process, on the loopback interface, that writes to its own folder only.
fn settings(folder: &Path, address: &str, example: &str) -> String {
    let folder = folder.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {folder}/{kind};\n"))
        .concat();
    let example = example.replacen("server {", &format!("server {{\nlisten {address};"), 1);
    format!(
        "daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n\
         events {{ worker_connections 256; }}\nhttp {{\naccess_log off;\n{temporary}{example}\n}}\n"
    )
}
