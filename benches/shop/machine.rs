//! What the measurement runs on, and what programs take of it.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Processor, memory and system, in a line.
pub fn described() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.split(' ').next().and_then(|kib| kib.parse::<u64>().ok()))
        .map_or_else(String::new, |kib| format!(", {} GB memory", (kib + (1 << 19)) >> 20));
    format!("{cores} cores ({processor}){memory}, {}", std::env::consts::OS)
}

/// How busy other programs keep the machine: processes that want to run, over the last minute.
pub fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// What a process holds in memory, in bytes: now, and at most so far.
pub fn memory(pid: u32) -> Option<(u64, u64)> {
    let status = format!("/proc/{pid}/status");
    let bytes = |name| Some(field(&status, name)?.split(' ').next()?.parse::<u64>().ok()? * 1024);
    bytes("VmRSS:").zip(bytes("VmHWM:")).or_else(|| {
        // Where there is no /proc, what it holds now has to do for both.
        let told = Command::new("ps").args(["-o", "rss=", "-p", &pid.to_string()]).output().ok()?;
        let kib: u64 = String::from_utf8_lossy(&told.stdout).trim().parse().ok()?;
        Some((kib * 1024, kib * 1024))
    })
}

/// The size of a file in bytes; 0 where it can't be told.
pub fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |meta| meta.len())
}

/// Bytes for people.
pub fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
