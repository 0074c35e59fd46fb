//! The forwarder makes the trouble that it promises.

use std::time::Duration;

use anyhow::{Context, Result};
use opsdash_testbed::forwarder::{Forwarder, Line, Mode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};

const SOON: Duration = Duration::from_secs(10);
/// Long enough for bytes to arrive on loopback if anything let them through.
const A_WHILE: Duration = Duration::from_millis(150);

/// A server that sends back what it gets.
async fn echo() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut reader, mut writer) = stream.split();
                let _ = tokio::io::copy(&mut reader, &mut writer).await;
            });
        }
    });
    Ok(port)
}

async fn connect(forwarder: &Forwarder) -> Result<TcpStream> {
    Ok(TcpStream::connect(("127.0.0.1", forwarder.port())).await?)
}

async fn ask(stream: &mut TcpStream) -> Result<()> {
    stream.write_all(b"ping").await?;
    let mut answer = [0; 4];
    timeout(SOON, stream.read_exact(&mut answer)).await??;
    assert_eq!(&answer, b"ping");
    Ok(())
}

#[tokio::test]
async fn bytes_and_round_trips_are_counted() -> Result<()> {
    let forwarder = Forwarder::start(echo().await?).await?;
    let mut client = connect(&forwarder).await?;
    for _ in 0..3 {
        ask(&mut client).await?;
    }
    let traffic = forwarder.traffic();
    assert_eq!((traffic.bytes_up, traffic.bytes_down), (12, 12));
    assert_eq!((traffic.connections, traffic.round_trips), (1, 3));
    forwarder.reset();
    assert_eq!(forwarder.traffic().bytes_up, 0);
    Ok(())
}

#[tokio::test]
async fn a_stalled_line_stays_open_and_delivers_later() -> Result<()> {
    let forwarder = Forwarder::start(echo().await?).await?;
    let mut open = connect(&forwarder).await?;
    ask(&mut open).await?;
    forwarder.set_mode(Mode::Stall);
    let mut fresh = connect(&forwarder).await.context("a black hole still accepts")?;
    for stream in [&mut open, &mut fresh] {
        stream.write_all(b"ping").await?;
        let mut answer = [0; 4];
        assert!(timeout(A_WHILE, stream.read(&mut answer)).await.is_err());
    }
    forwarder.set_mode(Mode::Pass);
    for stream in [&mut open, &mut fresh] {
        let mut answer = [0; 4];
        timeout(SOON, stream.read_exact(&mut answer)).await??;
        assert_eq!(&answer, b"ping");
    }
    Ok(())
}

#[tokio::test]
async fn refusing_closes_what_is_open_and_passing_accepts_again() -> Result<()> {
    let forwarder = Forwarder::start(echo().await?).await?;
    let mut open = connect(&forwarder).await?;
    ask(&mut open).await?;
    forwarder.set_mode(Mode::Refuse);
    let mut rest = Vec::new();
    let end = timeout(SOON, open.read_to_end(&mut rest)).await?;
    assert!(matches!(end, Ok(0) | Err(_)));
    assert!(connect(&forwarder).await.is_err());
    forwarder.set_mode(Mode::Pass);
    let again = timeout(SOON, async {
        loop {
            match connect(&forwarder).await {
                Ok(stream) => return stream,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    });
    ask(&mut again.await?).await
}

#[tokio::test]
async fn a_cut_closes_open_connections_only() -> Result<()> {
    let forwarder = Forwarder::start(echo().await?).await?;
    let mut open = connect(&forwarder).await?;
    ask(&mut open).await?;
    forwarder.cut();
    let mut rest = Vec::new();
    let end = timeout(SOON, open.read_to_end(&mut rest)).await?;
    assert!(matches!(end, Ok(0) | Err(_)));
    ask(&mut connect(&forwarder).await?).await
}

#[tokio::test]
async fn a_delay_is_paid_once_each_way_and_bandwidth_by_the_byte() -> Result<()> {
    let forwarder = Forwarder::start(echo().await?).await?;
    let mut client = connect(&forwarder).await?;
    forwarder.set_line(Line::round_trip(Duration::from_millis(100)));
    let start = Instant::now();
    ask(&mut client).await?;
    assert!(start.elapsed() >= Duration::from_millis(100));

    forwarder.set_line(Line { bandwidth: Some(100_000), ..Line::default() });
    let start = Instant::now();
    let sent = vec![7; 20_000];
    client.write_all(&sent).await?;
    let mut received = vec![0; sent.len()];
    timeout(SOON, client.read_exact(&mut received)).await??;
    assert!(start.elapsed() >= Duration::from_millis(200));
    assert_eq!(received, sent);
    Ok(())
}
