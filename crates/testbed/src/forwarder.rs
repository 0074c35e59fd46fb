//! A TCP forwarder that makes trouble on demand: delay, narrow bandwidth, silence, cut lines.
//!
//! `MongoDB`'s driver asks a replica set for its members' addresses and would then go around the
//! forwarder: use `directConnection=true` through it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// What the forwarder does with its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Forwards.
    Pass,
    /// Accepts, and keeps what is open, but lets no byte through: a black hole. What is sent
    /// meanwhile arrives once the mode is [`Mode::Pass`] again.
    Stall,
    /// Closes what is open, and refuses to connect.
    Refuse,
}

/// How slow the line is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Line {
    /// From client to server.
    pub delay_up: Duration,
    /// From server to client.
    pub delay_down: Duration,
    /// Bytes a second, each way; None for no limit.
    pub bandwidth: Option<u64>,
}

impl Line {
    /// A line of this round trip time, half of it each way.
    #[must_use]
    pub fn round_trip(time: Duration) -> Self {
        Self { delay_up: time / 2, delay_down: time / 2, bandwidth: None }
    }
}

/// What has gone through since the start or the last [`Forwarder::reset`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traffic {
    /// Connections accepted.
    pub connections: u64,
    /// Bytes from clients to the server.
    pub bytes_up: u64,
    /// Bytes from the server to clients.
    pub bytes_down: u64,
    /// How often a client spoke after the server had; over all connections.
    pub round_trips: u64,
}

#[derive(Debug, Default)]
struct Counters {
    connections: AtomicU64,
    up: AtomicU64,
    down: AtomicU64,
    round_trips: AtomicU64,
}

#[derive(Debug, Clone, Copy)]
struct Switches {
    mode: Mode,
    line: Line,
    /// Connections of an older generation are closed.
    generation: u64,
}

/// A listening forwarder; everything ends when it is dropped.
#[derive(Debug)]
pub struct Forwarder {
    port: u16,
    switches: watch::Sender<Switches>,
    counters: Arc<Counters>,
}

impl Forwarder {
    /// Listens on a free loopback port, in front of the server on another one.
    pub async fn start(server_port: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("cannot listen")?;
        let address = listener.local_addr()?;
        let (switches, watching) = watch::channel(Switches { mode: Mode::Pass, line: Line::default(), generation: 0 });
        let counters = Arc::new(Counters::default());
        let server = SocketAddr::from((Ipv4Addr::LOCALHOST, server_port));
        let acceptor = Acceptor { address, server, counters: Arc::clone(&counters) };
        tokio::spawn(acceptor.run(listener, watching));
        Ok(Self { port: address.port(), switches, counters })
    }

    /// The loopback port to connect to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A server's URL, led through this forwarder.
    #[must_use]
    pub fn through(&self, url: &str, server_port: u16) -> String {
        url.replace(&format!("127.0.0.1:{server_port}"), &format!("127.0.0.1:{}", self.port))
    }

    /// Switches the mode, for open connections too.
    pub fn set_mode(&self, mode: Mode) {
        self.switches.send_modify(|switches| switches.mode = mode);
    }

    /// Changes the line, for open connections too.
    pub fn set_line(&self, line: Line) {
        self.switches.send_modify(|switches| switches.line = line);
    }

    /// Closes every open connection; new ones are accepted.
    pub fn cut(&self) {
        self.switches.send_modify(|switches| switches.generation += 1);
    }

    /// What has gone through.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Traffic {
            connections: read(&self.counters.connections),
            bytes_up: read(&self.counters.up),
            bytes_down: read(&self.counters.down),
            round_trips: read(&self.counters.round_trips),
        }
    }

    /// Sets all counters to zero.
    pub fn reset(&self) {
        let Counters { connections, up, down, round_trips } = &*self.counters;
        for counter in [connections, up, down, round_trips] {
            counter.store(0, Ordering::Relaxed);
        }
    }
}

struct Acceptor {
    address: SocketAddr,
    server: SocketAddr,
    counters: Arc<Counters>,
}

impl Acceptor {
    async fn run(self, listener: TcpListener, mut switches: watch::Receiver<Switches>) {
        let mut listener = Some(listener);
        loop {
            let refuse = switches.borrow_and_update().mode == Mode::Refuse;
            if refuse {
                listener = None;
            } else if listener.is_none() {
                listener = TcpListener::bind(self.address).await.ok();
            }
            tokio::select! {
                changed = switches.changed() => if changed.is_err() { return },
                Some(client) = accept(listener.as_ref()) => {
                    self.counters.connections.fetch_add(1, Ordering::Relaxed);
                    let counters = Arc::clone(&self.counters);
                    tokio::spawn(serve(client, self.server, switches.clone(), counters));
                }
            }
        }
    }
}

/// Never ready without a listener.
async fn accept(listener: Option<&TcpListener>) -> Option<TcpStream> {
    match listener {
        Some(listener) => listener.accept().await.ok().map(|(client, _)| client),
        None => std::future::pending().await,
    }
}

async fn serve(
    client: TcpStream,
    server: SocketAddr,
    mut switches: watch::Receiver<Switches>,
    counters: Arc<Counters>,
) {
    let generation = switches.borrow().generation;
    // Both streams are dropped, and so closed, when this returns.
    tokio::select! {
        () = forward(client, server, switches.clone(), counters) => {}
        // Also when the forwarder is dropped.
        _ = switches.wait_for(|s| s.generation != generation || s.mode == Mode::Refuse) => {}
    }
}

async fn forward(
    client: TcpStream,
    server: SocketAddr,
    mut switches: watch::Receiver<Switches>,
    counters: Arc<Counters>,
) {
    // In a black hole not even the server sees the connection.
    if switches.wait_for(|s| s.mode == Mode::Pass).await.is_err() {
        return;
    }
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    // Delays are ours to make, not the kernel's.
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let server_spoke = AtomicBool::new(true);
    let up = pump(
        from_client,
        to_server,
        switches.clone(),
        |line| line.delay_up,
        |bytes| {
            counters.up.fetch_add(bytes, Ordering::Relaxed);
            if server_spoke.swap(false, Ordering::Relaxed) {
                counters.round_trips.fetch_add(1, Ordering::Relaxed);
            }
        },
    );
    let down = pump(
        from_server,
        to_client,
        switches.clone(),
        |line| line.delay_down,
        |bytes| {
            counters.down.fetch_add(bytes, Ordering::Relaxed);
            server_spoke.store(true, Ordering::Relaxed);
        },
    );
    // Either side closing ends both: no protocol here goes on half open.
    tokio::select! {
        () = up => {}
        () = down => {}
    }
}

/// Reads ahead while earlier bytes are still on their way, so that a delay costs time once and
/// not once for each packet.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut switches: watch::Receiver<Switches>,
    delay: impl Fn(&Line) -> Duration,
    count: impl Fn(u64),
) {
    let (sender, mut on_the_way) = mpsc::channel::<(Instant, Vec<u8>)>(1024);
    let reading = switches.clone();
    let read = async move {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(n @ 1..) = from.read(&mut buffer).await {
            count(n as u64);
            let due = Instant::now() + delay(&reading.borrow().line);
            if sender.send((due, buffer[..n].to_vec())).await.is_err() {
                return;
            }
        }
    };
    let write = async move {
        while let Some((due, bytes)) = on_the_way.recv().await {
            tokio::time::sleep_until(due).await;
            if switches.wait_for(|s| s.mode == Mode::Pass).await.is_err() {
                return;
            }
            let bandwidth = switches.borrow().line.bandwidth;
            if let Some(bandwidth) = bandwidth {
                let micros = bytes.len() as u64 * 1_000_000 / bandwidth.max(1);
                tokio::time::sleep(Duration::from_micros(micros)).await;
            }
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    tokio::join!(read, write);
}
