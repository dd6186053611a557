//! `voltapile dissector`: prints a dissector for Wireshark.

use std::process::ExitCode;

use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::dissector::{Settings, default_port, dissector};

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
    /// TCP ports where platforms of YKC listen; frames on other ports are found by their CRC
    #[arg(long, value_name = "PORT", value_delimiter = ',', default_values_t = [default_port(Protocol::Ykc)])]
    ports: Vec<u16>,
    /// TCP ports where platforms of AA F5 listen; frames on other ports are found by length and check sum
    #[arg(long, value_name = "PORT", value_delimiter = ',', default_values_t = [default_port(Protocol::Aaf5)])]
    aaf5_ports: Vec<u16>,
    #[command(flatten)]
    reading: Reading,
}

impl Args {
    fn ports_of(&self, protocol: Protocol) -> &[u16] {
        match protocol {
            Protocol::Ykc => &self.ports,
            Protocol::Aaf5 => &self.aaf5_ports,
        }
    }
}

fn named(name: &str) -> Result<Protocol, String> {
    Protocol::named(name).ok_or_else(|| format!("{name:?} is neither ykc nor aaf5"))
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> ExitCode {
    let wanted = |protocol: &Protocol| args.protocol.is_none_or(|only| only == *protocol);
    let protocols =
        Protocol::ALL.into_iter().filter(wanted).map(|protocol| (protocol, args.ports_of(protocol).to_vec()));
    let settings =
        Settings { lang: super::language(args.lang), options: args.reading.options(), protocols: protocols.collect() };
    super::finish(Ok((dissector(&settings).into_bytes(), ExitCode::SUCCESS)))
}
