//! Private servers: each in its own directory, on a free loopback port, gone when its value is
//! dropped or the process that holds it dies.
//!
//! Starting and stopping block (about a second for `PostgreSQL`); everything that speaks to a
//! server is async.

pub mod mongod;
pub mod pgbouncer;
pub mod postgres;
pub mod private_dir;
mod supervised;

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use anyhow::{Context, Result};

/// A TCP port that nothing listens on now. Another process may take it before its user does;
/// servers therefore retry with another one.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free loopback port")?;
    Ok(listener.local_addr()?.port())
}

/// True once something accepts connections on the loopback port.
fn accepts_connections(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Not for secrecy, but so that no test can know it by heart.
fn random_password() -> String {
    let random = |salt: u8| RandomState::new().hash_one(salt);
    format!("{:016x}{:016x}", random(1), random(2))
}
