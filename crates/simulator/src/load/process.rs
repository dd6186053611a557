//! What a process uses, read from /proc.

use std::fs;
use std::io;

use super::LoadError;
use super::report::ServerUsage;

/// Clock ticks per second in /proc/PID/stat: 100 on every Linux that user programs see.
const TICKS_PER_SECOND: f64 = 100.0;
/// Fields of /proc/PID/stat between the end of the name and utime.
const FIELDS_BEFORE_UTIME: usize = 11;

/// What a process used up to now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Usage {
    cpu_seconds: f64,
    rss_bytes: u64,
}

impl Usage {
    /// Of a process, where one is named.
    pub(super) fn of(pid: Option<u32>) -> Result<Option<Self>, LoadError> {
        let Some(pid) = pid else { return Ok(None) };
        Self::read(pid).map(Some).map_err(|source| LoadError::Process { pid, source })
    }

    fn read(pid: u32) -> io::Result<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let parsed = cpu_ticks(&stat).zip(rss_kib(&status));
        let (ticks, kib) = parsed.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
        Ok(Self { cpu_seconds: ticks as f64 / TICKS_PER_SECOND, rss_bytes: kib * 1024 })
    }
}

/// What the server used before, between and after the phases.
pub(super) fn usage(
    before: Option<Usage>,
    logged_in: Option<Usage>,
    after: Option<Usage>,
    piles: usize,
    answered: Option<u64>,
) -> Option<ServerUsage> {
    let (before, logged_in, after) = (before?, logged_in?, after?);
    let asking_cpu_seconds = after.cpu_seconds - logged_in.cpu_seconds;
    let per_cpu_second = |answered| answered as f64 / asking_cpu_seconds;
    Some(ServerUsage {
        login_cpu_seconds: logged_in.cpu_seconds - before.cpu_seconds,
        asking_cpu_seconds,
        answers_per_cpu_second: answered.filter(|_| asking_cpu_seconds > 0.0).map(per_cpu_second),
        rss_before_bytes: before.rss_bytes,
        rss_logged_in_bytes: logged_in.rss_bytes,
        rss_after_bytes: after.rss_bytes,
        bytes_per_pile: (logged_in.rss_bytes as f64 - before.rss_bytes as f64) / piles.max(1) as f64,
    })
}

/// utime and stime. The name in parentheses may hold blanks and parentheses itself.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(FIELDS_BEFORE_UTIME);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn rss_kib(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_kernel_writes() {
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 3 0 100 1000 50 18446744073709551615";
        assert_eq!(cpu_ticks(stat), Some(300));
        assert_eq!(rss_kib("Name:\ta\nVmRSS:\t    1234 kB\n"), Some(1234));
        assert_eq!((cpu_ticks("nonsense"), rss_kib("nonsense")), (None, None));
    }

    #[test]
    fn reads_this_process_and_misses_one_that_is_not_there() {
        let usage = Usage::of(Some(std::process::id())).unwrap().unwrap();
        assert!(usage.rss_bytes > 100_000);
        assert!(matches!(Usage::of(Some(u32::MAX)), Err(LoadError::Process { pid: u32::MAX, .. })));
        assert_eq!(Usage::of(None).unwrap(), None);
    }
}
