//! The command line of Voltapile.

mod command;
mod page;
mod traffic;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The open platform server for EV charging piles.
#[derive(Parser)]
#[command(version, about, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Decode(command::decode::Args),
    Encode(command::encode::Args),
    Frames(command::frames::Args),
    Dissector(command::dissector::Args),
    Serve(command::serve::ServeArgs),
    Check(command::serve::CheckArgs),
    Sim(command::sim::Args),
    Mask(command::mask::Args),
    Replay(command::replay::Args),
    Certify(command::certify::Args),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Decode(args) => command::decode::run(&args),
        Command::Encode(args) => command::encode::run(&args),
        Command::Frames(args) => command::frames::run(&args),
        Command::Dissector(args) => command::dissector::run(&args),
        Command::Serve(args) => command::serve::serve(args),
        Command::Check(args) => command::serve::check(args),
        Command::Sim(args) => command::sim::run(&args),
        Command::Mask(args) => command::mask::run(&args),
        Command::Replay(args) => command::replay::run(&args),
        Command::Certify(args) => command::certify::run(args),
    }
}
