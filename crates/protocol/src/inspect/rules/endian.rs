//! Numbers written high byte first where low byte first is meant: told by a value that is absurd one way and usual the
//! other. Silent where both readings are possible.

use super::super::explain::Field;
use super::super::finding::{Finding, Severity};
use super::super::lang::{Lang, in_unit};
use super::super::value::{big_endian, scaled};
use super::Subject;
use crate::wire::Kind;

/// For a unit: values from `absurd` on do not occur, those up to `usual` do.
struct Plausible {
    absurd: i64,
    usual: i64,
}

/// Bounds by unit; meter readings count over a life, not a charge, and balances over many.
fn plausible(field: &Field, unit: &str, decimals: u8) -> Option<Plausible> {
    let (absurd, usual) = match unit {
        "CNY/kWh" => (100, 20),
        "CNY" if decimals <= 2 => (1_000_000, 100_000),
        "CNY" => (100_000, 10_000),
        "kWh" if field.name.starts_with("meter") => (100_000_000, 10_000_000),
        "kWh" => (10_000, 2_000),
        "V" if decimals >= 2 => (100, 10),
        "V" => (2_000, 1_200),
        "A" => (2_000, 1_000),
        "kW" => (5_000, 1_000),
        "min" => (6_000, 1_440),
        _ => return None,
    };
    Some(Plausible { absurd, usual })
}

pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    for field in subject.body.fields.iter().filter(|field| field.packed.is_none() && (2..=5).contains(&field.length)) {
        let Kind::Number { signed: false, decimals, offset, unit, .. } = field.kind else { continue };
        let swapped = big_endian(&field.raw);
        let (is, meant) = (scaled(field.number, decimals, offset), scaled(swapped, decimals, offset));
        let power = 10_i64.pow(u32::from(decimals));
        let believed = match plausible(field, unit, decimals) {
            Some(bounds) => {
                is.scaled >= bounds.absurd * power && swapped != 0 && meant.scaled.abs() <= bounds.usual * power
            }
            None => field.name == "ftp_port" && WELL_KNOWN_PORTS.contains(&swapped),
        };
        if !believed {
            continue;
        }
        let (zh, en) = (in_unit(unit, Lang::Zh), in_unit(unit, Lang::En));
        let mut bytes = field.raw.clone();
        bytes.reverse();
        let finding = Finding::new(
            Severity::Error,
            "big-endian",
            field.offset,
            format!("“{}”按低字节在前为 {is}{zh}，多半误用了高字节在前：应为 {meant}{zh}", field.zh),
            format!("{} is {is}{en} low byte first; probably written high byte first, meaning {meant}{en}", field.en),
        );
        out.push(finding.with_bytes(field.offset, bytes));
    }
}

/// Ports of FTP, SFTP and FTPS: their swapped readings are no port anybody uses for it.
const WELL_KNOWN_PORTS: [u64; 3] = [21, 22, 990];
