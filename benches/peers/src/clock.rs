//! The processor's time and memory.

use std::fs;

use cpu_time::ProcessTime;

/// The result of `work`, and the processor time of the whole process for it, in seconds.
pub fn cpu_seconds<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = ProcessTime::now();
    let made = work();
    (start.elapsed().as_secs_f64(), made)
}

/// Binds this thread, and those that it starts from now on, to one core; whether that succeeded.
pub fn on_one_core() -> bool {
    let last = core_affinity::get_core_ids().and_then(|cores| cores.last().copied());
    last.is_some_and(core_affinity::set_for_current)
}

/// The peak memory of the process since [`forget_peak`], in bytes; `None` except on Linux, where `/proc`
/// holds it.
pub fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}

/// Resets the peak, where the system can.
pub fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").ok();
}
