//! The processor's time and memory.

use std::fs;

use cpu_time::ProcessTime;

/// Processor time of the whole process that some work takes, in seconds, and what it made.
pub fn cpu_seconds<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = ProcessTime::now();
    let made = work();
    (start.elapsed().as_secs_f64(), made)
}

/// Whether this thread, and those that it starts from now on, were put on one core.
pub fn on_one_core() -> bool {
    let last = core_affinity::get_core_ids().and_then(|cores| cores.last().copied());
    last.is_some_and(core_affinity::set_for_current)
}

/// The most memory that the process has held since [`forget_peak`], in bytes; `None` where the
/// system does not say (it is read from Linux's `/proc`).
pub fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}

/// Starts the peak anew, where the system can.
pub fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").ok();
}
