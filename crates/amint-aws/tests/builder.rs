//! The builder against moto: what it needs beside itself, its launch, its commands, its end.

#[path = "builder/command.rs"]
mod command;
#[path = "builder/launch.rs"]
mod launch;
#[path = "builder/release.rs"]
mod release;
#[path = "builder/silence.rs"]
mod silence;
#[path = "builder/stage.rs"]
mod stage;
#[path = "builder/watch.rs"]
mod watch;
#[path = "support/world.rs"]
mod world;
