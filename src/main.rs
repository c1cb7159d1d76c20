//! The program; its commands are in [`clientele::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    clientele::cli::main()
}
