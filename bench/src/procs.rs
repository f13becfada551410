//! What processes cost: processor time and memory, from `/proc`.

use std::collections::HashMap;
use std::fs;
use std::process::Command;

/// A process and all that it started.
#[must_use]
pub fn tree(root: u32) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if let Some(parent) = fields(pid).and_then(|f| f.get(1)?.parse().ok()) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut all = vec![root];
    let mut next = 0;
    while let Some(pid) = all.get(next).copied() {
        all.extend(children.remove(&pid).unwrap_or_default());
        next += 1;
    }
    all
}

/// What `/proc/…/stat` says after the name of the program.
fn fields(pid: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

/// Processor time of processes so far, in milliseconds: theirs, and what the system spent for them.
#[must_use]
pub fn spent(pids: &[u32]) -> f64 {
    let ticks = |pid: &u32| -> Option<f64> {
        let fields = fields(*pid)?;
        // utime, stime, and those of children that have ended: sessions of PostgreSQL come and go
        fields.get(11..15)?.iter().map(|f| f.parse::<f64>().ok()).sum()
    };
    pids.iter().filter_map(ticks).sum::<f64>() * tick()
}

/// Processor time that the whole machine has spent so far, in milliseconds, idling left out.
#[must_use]
pub fn spent_by_all() -> f64 {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let first = stat.lines().next().unwrap_or_default();
    let times: Vec<f64> = first.split_whitespace().skip(1).filter_map(|n| n.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal
    let busy = times.iter().take(8).enumerate().filter(|(n, _)| !matches!(n, 3 | 4)).map(|(_, t)| t);
    busy.sum::<f64>() * tick()
}

/// Milliseconds in a clock tick.
fn tick() -> f64 {
    static TICK: std::sync::OnceLock<f64> = std::sync::OnceLock::new();
    *TICK.get_or_init(|| {
        let said = Command::new("getconf").arg("CLK_TCK").output().ok();
        let a_second: f64 =
            said.and_then(|o| String::from_utf8(o.stdout).ok()?.trim().parse().ok()).unwrap_or(100.0);
        1000.0 / a_second
    })
}

/// Memory of processes in MiB, shared pages in proportion (PSS).
#[must_use]
pub fn memory(pids: &[u32]) -> f64 {
    let one = |pid: &u32| -> Option<f64> {
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        rollup.lines().find_map(|l| l.strip_prefix("Pss:")?.split_whitespace().next()?.parse().ok())
    };
    pids.iter().filter_map(one).sum::<f64>() / 1024.0
}
