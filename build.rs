//! Embeds the front end into the binary: the npm packages and our own `static/`, each file under a name that carries
//! the hash of its content, compressed once here and never at run time.
//!
//! What comes out is `$OUT_DIR/assets.rs`, a table that `src/web/assets.rs` includes.

// Cargo reads a build script's instructions from standard output.
#![allow(clippy::print_stdout)]

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Files of npm packages that are served as they are: the name we give them, and where npm puts them.
const PACKAGED: [(&str, &str); 4] = [
    ("tabler.css", "@tabler/core/dist/css/tabler.min.css"),
    ("tabler.js", "@tabler/core/dist/js/tabler.min.js"),
    ("htmx.js", "htmx.org/dist/htmx.min.js"),
    ("htmx-sse.js", "htmx.org/dist/ext/hx-sse.min.js"),
];

const MISSING: &str =
    "the front-end packages are missing or incomplete: run `make build`, or `npm ci` and then cargo again";

fn main() {
    for watched in ["build.rs", "migrations", "static", "package-lock.json", "node_modules/.package-lock.json"] {
        println!("cargo::rerun-if-changed={watched}");
    }
    // Cargo ends the build with this sentence; a failing exit would bury it under the script's whole output.
    if let Err(sentence) = embed() {
        println!("cargo::error={sentence}");
    }
}

fn embed() -> Result<(), String> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let mut table = String::from("&[\n");
    for (name, content) in files()? {
        let hash = Sha256::digest(&content)[..8].iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        write_once(&out.join(&hash), || Ok(content.clone()))?;
        write_once(&out.join(format!("{hash}.br")), || brotli(&content))?;
        write_once(&out.join(format!("{hash}.gz")), || gzip(&content))?;
        let (stem, extension) = name.rsplit_once('.').ok_or("a static file needs an extension")?;
        let _ = writeln!(
            table,
            r#"Asset {{ name: "{name}", path: "/assets/{stem}.{hash}.{extension}", hash: "{hash}", content_type: "{}",
    plain: include_bytes!(concat!(env!("OUT_DIR"), "/{hash}")),
    brotli: include_bytes!(concat!(env!("OUT_DIR"), "/{hash}.br")),
    gzip: include_bytes!(concat!(env!("OUT_DIR"), "/{hash}.gz")) }},"#,
            content_type(extension)?,
        );
    }
    table.push(']');
    fs::write(out.join("assets.rs"), table).map_err(|e| format!("can't write the table of static files: {e}"))
}

/// Every file that is served, by name.
fn files() -> Result<Vec<(String, Vec<u8>)>, String> {
    let modules = Path::new("node_modules");
    let mut files = Vec::new();
    for (name, path) in PACKAGED {
        let text = fs::read_to_string(modules.join(path)).map_err(|_| MISSING)?;
        files.push((name.to_owned(), without_source_map(&text).into_bytes()));
    }
    files.push(("app.css".into(), joined(Path::new("static/css"), "css", |text| text.to_owned())?));
    // Each script keeps its names to itself: a block in a module is a scope of its own.
    files.push(("app.js".into(), joined(Path::new("static/js"), "js", |text| format!("{{\n{text}}}\n"))?));
    files.push(("icons.svg".into(), sprite(&modules.join("@tabler/icons/icons"))?));
    files.push(("favicon.svg".into(), read(Path::new("static/favicon.svg"))?.into_bytes()));
    Ok(files)
}

/// The files of a folder one after the other, in the order of their names.
fn joined(folder: &Path, extension: &str, wrap: impl Fn(&str) -> String) -> Result<Vec<u8>, String> {
    let listing = fs::read_dir(folder).map_err(|e| format!("can't read {}: {e}", folder.display()))?;
    let mut paths: Vec<PathBuf> = listing
        .filter_map(Result::ok)
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|x| x == extension))
        .collect();
    paths.sort();
    let mut all = String::new();
    for path in paths {
        all.push_str(&wrap(&read(&path)?));
    }
    Ok(all.into_bytes())
}

/// One SVG with the icons that `static/icons.txt` lists, each a symbol that takes the colour of the text around it.
fn sprite(icons: &Path) -> Result<Vec<u8>, String> {
    let mut svg = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\"><!-- Tabler Icons, MIT licence -->");
    for name in read(Path::new("static/icons.txt"))?.lines().map(str::trim).filter(|l| !l.is_empty()) {
        if !icons.is_dir() {
            return Err(MISSING.into());
        }
        let text = fs::read_to_string(icons.join("outline").join(format!("{name}.svg")))
            .map_err(|_| format!("static/icons.txt lists \"{name}\", which Tabler's outline icons don't have"))?;
        let body = text
            .split_once("<svg")
            .and_then(|(_, rest)| rest.split_once('>'))
            .and_then(|(_, rest)| rest.rsplit_once("</svg>"))
            .ok_or_else(|| format!("the icon \"{name}\" is not an SVG"))?;
        let body: String = body.0.lines().map(str::trim).collect();
        let _ = write!(svg, "<symbol id=\"{name}\" viewBox=\"0 0 24 24\">{body}</symbol>");
    }
    svg.push_str("</svg>");
    Ok(svg.into_bytes())
}

/// Source maps are not embedded, so a browser shouldn't ask for them.
fn without_source_map(text: &str) -> String {
    text.lines().filter(|line| !line.contains("sourceMappingURL=")).fold(String::new(), |all, line| all + line + "\n")
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("can't read {}: {e}", path.display()))
}

fn content_type(extension: &str) -> Result<&'static str, String> {
    match extension {
        "css" => Ok("text/css; charset=utf-8"),
        "js" => Ok("text/javascript; charset=utf-8"),
        "svg" => Ok("image/svg+xml"),
        other => Err(format!("no content type is known for .{other}")),
    }
}

/// The name is the content's hash, so a file that exists is right; that keeps rebuilds quick.
fn write_once(path: &Path, content: impl FnOnce() -> io::Result<Vec<u8>>) -> Result<(), String> {
    if path.exists() {
        return Ok(());
    }
    let whole = path.with_extension("part");
    let write = || -> io::Result<()> {
        fs::write(&whole, content()?)?;
        fs::rename(&whole, path)
    };
    write().map_err(|e| format!("can't write {}: {e}", path.display()))
}

fn brotli(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, 11, 22);
    writer.write_all(content)?;
    writer.flush()?;
    Ok(writer.into_inner())
}

fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(content)?;
    writer.finish()
}
