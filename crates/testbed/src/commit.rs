//! A TCP forwarder in front of `PostgreSQL` that breaks at the worst moment: when the COMMIT of a write is on its way.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context, Result};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What happens to the first COMMIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The link breaks before the server hears of it.
    Before,
    /// The server commits, and the link breaks before we hear of it.
    After,
    /// The same, and nobody can connect any more.
    Gone,
    /// Nothing arrives, and nothing breaks: a black hole.
    Swallowed,
}

/// The whole message: reads end with other words, and are let through.
const COMMIT: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";

/// A listening forwarder; it goes on as long as the runtime.
#[derive(Debug)]
pub struct Cutter {
    port: u16,
    was_cut: Arc<AtomicBool>,
}

impl Cutter {
    /// Listens on a free loopback port, in front of the server on another one.
    pub async fn start(server: u16, cut: Cut) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("cannot listen")?;
        let port = listener.local_addr()?.port();
        let was_cut = Arc::new(AtomicBool::new(false));
        let cutter = Self { port, was_cut: was_cut.clone() };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if cut == Cut::Gone && was_cut.load(Ordering::SeqCst) {
                    continue;
                }
                tokio::spawn(forward(client, server, cut, was_cut.clone()));
            }
        });
        Ok(cutter)
    }

    /// A server's URL without TLS, led through here.
    #[must_use]
    pub fn through(&self, url: &str, server: u16) -> String {
        let url = url.replace(&format!("127.0.0.1:{server}"), &format!("127.0.0.1:{}", self.port));
        format!("{url}?sslmode=disable")
    }

    /// Whether a COMMIT has come.
    #[must_use]
    pub fn has_cut(&self) -> bool {
        self.was_cut.load(Ordering::SeqCst)
    }
}

/// Both streams are dropped, and so closed, when this returns.
async fn forward(mut client: TcpStream, server: u16, cut: Cut, was_cut: Arc<AtomicBool>) {
    let Ok(mut server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).await else { return };
    let (mut up, mut down) = (vec![0; 65536], vec![0; 65536]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(length @ 1..) = read else { return };
                let is_commit = up[..length].windows(COMMIT.len()).any(|bytes| bytes == COMMIT);
                if is_commit && !was_cut.swap(true, Ordering::SeqCst) {
                    match cut {
                        Cut::Before => return,
                        Cut::After | Cut::Gone => {
                            // Once the server has said that it is done; nobody hears it.
                            let committed = server.write_all(&up[..length]).await;
                            let _heard = committed.is_ok() && server.read_u8().await.is_ok();
                            return;
                        }
                        Cut::Swallowed => {
                            let _held = (client, server);
                            return std::future::pending().await;
                        }
                    }
                }
                if server.write_all(&up[..length]).await.is_err() {
                    return;
                }
            }
            read = server.read(&mut down) => {
                let Ok(length @ 1..) = read else { return };
                if client.write_all(&down[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}
