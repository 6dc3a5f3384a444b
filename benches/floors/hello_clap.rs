//! The floor of starting: a program with clap and a few verbs that does nothing.

use clap::{Parser, Subcommand};

/// Does nothing.
#[derive(Parser)]
#[command(name = "hello-clap", version)]
struct Cli {
    /// Say less
    #[arg(short, long, global = true)]
    quiet: bool,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make something
    New {
        name: String,
        #[arg(long, default_value = "lib")]
        template: String,
    },
    /// Show something
    Show { names: Vec<String> },
}

fn main() {
    let cli = Cli::parse();
    match cli.verb {
        Verb::New { name, template } if !cli.quiet => drop((name, template)),
        Verb::Show { names } => drop(names),
        Verb::New { .. } => {}
    }
}
