//! `voltapile dissector`: prints a dissector for Wireshark.

use std::process::ExitCode;

use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::dissector::{DEFAULT_PORT, Settings, dissector};

use super::frames::named;
use super::{Language, Reading};

/// Print a Wireshark dissector, to be saved as voltapile.lua in the folder of personal Lua plugins.
///
/// Help, About, Folders in Wireshark shows that folder, and so does `tshark -G folders`. Wireshark 3.4 or later.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Language (default: from LC_ALL, LC_MESSAGES or LANG)
    #[arg(long, value_enum)]
    lang: Option<Language>,
    /// Only this protocol (default: all of them, in one file)
    #[arg(long, value_name = "NAME", value_parser = named)]
    protocol: Option<Protocol>,
    /// TCP ports where platforms listen, whatever is spoken; frames on other ports are found by their check sum
    #[arg(long, value_name = "PORT", value_delimiter = ',', default_values_t = [DEFAULT_PORT])]
    ports: Vec<u16>,
    #[command(flatten)]
    reading: Reading,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    let settings = Settings {
        lang: super::language(args.lang),
        options: args.reading.options(),
        protocols: args.protocol.map_or_else(|| Protocol::ALL.into(), |only| vec![only]),
        ports: args.ports.clone(),
    };
    super::finish(Ok((dissector(&settings).into_bytes(), ExitCode::SUCCESS)))
}
