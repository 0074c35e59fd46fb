//! A server that speaks TDS and says what a test wants: there is no SQL Server to be had from a package registry.
//!
//! It knows no SQL. A test gives it a script: for each statement what it sends, row by row, with pauses and cuts in between.
//! What it was asked, with every parameter, can be looked at. It has no TLS.

mod wire;

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    task::JoinHandle,
    time::sleep,
};

use self::wire::Reader;
pub use self::wire::{Cell, Type};

/// What a client asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// It logged in.
    Login(Login),
    /// A text without parameters.
    Batch(String),
    /// A statement with its parameters, by `sp_executesql`.
    Call {
        /// The statement.
        sql: String,
        /// The declaration of the parameters.
        declared: String,
        /// Their names and values.
        params: Vec<(String, Option<String>)>,
    },
    /// It wants no more of the answer.
    Attention,
    /// It went away.
    Closed,
}

/// What a client said of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "their names say it")]
pub struct Login {
    pub user: String,
    pub password: String,
    pub database: String,
    pub application: String,
    /// Whether it only wants to read.
    pub is_read_only: bool,
}

/// What the server does next in its answer.
#[derive(Debug, Clone)]
pub enum Step {
    /// A result begins.
    Columns(Vec<(&'static str, Type)>),
    /// A row of it.
    Row(Vec<Cell>),
    /// An error with its number, severity, line and text.
    Error(u32, u8, u32, &'static str),
    /// The end of a statement that has counted so many rows.
    Count(u64),
    /// The end of the whole answer, after so many rows; what comes after it is no part of it.
    Finish(u64),
    /// Nothing for so long, unless the client wants no more.
    Wait(Duration),
    /// The connection ends.
    Cut,
    /// It ends within a row.
    CutInRow,
    /// Bytes as they are.
    Raw(Vec<u8>),
    /// The client is to connect elsewhere.
    Route(&'static str, u16),
}

impl Step {
    /// A result with these columns and rows.
    #[must_use]
    pub fn result(columns: Vec<(&'static str, Type)>, rows: Vec<Vec<Cell>>) -> Vec<Self> {
        std::iter::once(Self::Columns(columns)).chain(rows.into_iter().map(Self::Row)).collect()
    }
}

/// What the server answers; `None` leaves it to what it says by itself.
pub type Script = dyn Fn(&Request) -> Option<Vec<Step>> + Send + Sync;

/// A server on a port of its own, which ends with this value.
pub struct TdsServer {
    port: u16,
    asked: Arc<Mutex<Vec<Request>>>,
    serving: JoinHandle<()>,
}

impl TdsServer {
    /// Starts a server with a script.
    pub async fn start(script: impl Fn(&Request) -> Option<Vec<Step>> + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let (asked, script): (Arc<Mutex<Vec<Request>>>, Arc<Script>) = (Arc::default(), Arc::new(script));
        let record = Arc::clone(&asked);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (record, script) = (Arc::clone(&record), Arc::clone(&script));
                tokio::spawn(async move {
                    // A client that goes away in the middle is what some tests want.
                    serve(stream, &record, &*script).await.ok();
                    locked(&record).push(Request::Closed);
                });
            }
        });
        Ok(Self { port, asked, serving })
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a source here.
    #[must_use]
    pub fn url(&self) -> String {
        format!("mssql://reader:s3cret@127.0.0.1:{}/shop?encrypt=no", self.port)
    }

    /// What was asked until now.
    #[must_use]
    pub fn asked(&self) -> Vec<Request> {
        locked(&self.asked).clone()
    }

    /// The statements with their parameters that were asked until now.
    #[must_use]
    pub fn calls(&self) -> Vec<(String, Vec<Option<String>>)> {
        let call = |request: Request| match request {
            Request::Call { sql, params, .. } => Some((sql, params.into_iter().map(|(_, value)| value).collect())),
            _ => None,
        };
        self.asked().into_iter().filter_map(call).collect()
    }

    /// How many logins there were.
    #[must_use]
    pub fn logins(&self) -> usize {
        self.asked().iter().filter(|request| matches!(request, Request::Login(_))).count()
    }
}

impl Drop for TdsServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn locked(asked: &Mutex<Vec<Request>>) -> MutexGuard<'_, Vec<Request>> {
    asked.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A day of our era that tests take for today: 2026-11-28.
pub const TODAY: u32 = 739_947;

/// What is answered to what every client of ours says.
fn by_itself(request: &Request) -> Vec<Step> {
    match request {
        Request::Batch(text) if text.contains("SERVERPROPERTY('ProductVersion')") => opening(true),
        _ => vec![Step::Count(0)],
    }
}

/// The row of a transaction that is opened; whether the database may be written to.
#[must_use]
pub fn opening(is_writable: bool) -> Vec<Step> {
    let columns = vec![
        ("version", Type::NVarChar),
        ("now", Type::DateTime2),
        ("updateability", Type::NVarChar),
        ("may_poll", Type::Int),
    ];
    let updateability = if is_writable { "READ_WRITE" } else { "READ_ONLY" };
    let now = Cell::Time(TODAY, 36_000 * 10_000_000, 0);
    Step::result(columns, vec![vec!["16.0.4105.2".into(), now, updateability.into(), 0.into()]])
}

async fn serve(stream: TcpStream, record: &Mutex<Vec<Request>>, script: &Script) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut from, to) = stream.into_split();
    let mut to = Sender { to, pending: Vec::new(), packet: 0 };
    let (kind, _) = message(&mut from).await?;
    if kind != 0x12 {
        return Err(wire::odd("no PRELOGIN"));
    }
    to.pending.extend(wire::prelogin());
    to.flush(true).await?;
    let (_, login) = message(&mut from).await?;
    let (version, login) = read_login(&login)?;
    let said = Request::Login(login.clone());
    locked(record).push(said.clone());
    match script(&said) {
        None => {
            to.pending.extend(wire::login_ack(version, &login.database));
            to.pending.extend(wire::done(0xFD, 0, 0));
            to.flush(true).await?;
        }
        Some(steps) => {
            if let [Step::Route(host, port)] = &steps[..] {
                to.pending.extend(wire::login_ack(version, &login.database));
                to.pending.extend(wire::routing(host, *port));
                to.pending.extend(wire::done(0xFD, 0, 0));
                return to.flush(true).await;
            }
            let (_keep, mut requests) = mpsc::unbounded_channel();
            to.run(&steps, false, &mut requests, &mut VecDeque::new(), record).await?;
            return Ok(());
        }
    }
    let (send, mut requests) = mpsc::unbounded_channel();
    // Read beside what is written: an attention comes in the middle of an answer.
    let reading = tokio::spawn(async move {
        while let Ok(request) = request(&mut from).await {
            if send.send(request).is_err() {
                break;
            }
        }
    });
    let mut waiting = VecDeque::new();
    let served = async {
        while let Some(request) = next(&mut requests, &mut waiting).await {
            locked(record).push(request.clone());
            if request == Request::Attention {
                to.pending.extend(wire::done(0xFD, 0x20, 0));
                to.flush(true).await?;
                continue;
            }
            let steps = script(&request).unwrap_or_else(|| by_itself(&request));
            let is_call = matches!(request, Request::Call { .. });
            to.run(&steps, is_call, &mut requests, &mut waiting, record).await?;
        }
        Ok(())
    };
    let served = served.await;
    reading.abort();
    served
}

async fn next(requests: &mut mpsc::UnboundedReceiver<Request>, waiting: &mut VecDeque<Request>) -> Option<Request> {
    match waiting.pop_front() {
        Some(request) => Some(request),
        None => requests.recv().await,
    }
}

/// Writes packets.
struct Sender {
    to: OwnedWriteHalf,
    pending: Vec<u8>,
    packet: u8,
}

impl Sender {
    /// Sends what is pending; `is_end` ends the message.
    async fn flush(&mut self, is_end: bool) -> io::Result<()> {
        let pending = std::mem::take(&mut self.pending);
        let mut chunks = pending.chunks(4088).peekable();
        while let Some(chunk) = chunks.next() {
            let last = u8::from(is_end && chunks.peek().is_none());
            let length = u16::try_from(chunk.len() + 8).unwrap_or_default().to_be_bytes();
            self.packet = self.packet.wrapping_add(1);
            self.to.write_all(&[4, last, length[0], length[1], 0, 51, self.packet, 0]).await?;
            self.to.write_all(chunk).await?;
        }
        self.to.flush().await
    }

    /// Carries out an answer, until the client wants no more.
    async fn run(
        &mut self,
        steps: &[Step],
        is_call: bool,
        requests: &mut mpsc::UnboundedReceiver<Request>,
        waiting: &mut VecDeque<Request>,
        record: &Mutex<Vec<Request>>,
    ) -> io::Result<()> {
        let (mut columns, mut rows, mut failed): (Vec<(String, Type)>, u64, bool) = (Vec::new(), 0, false);
        let within = if is_call { 0xFF } else { 0xFD };
        for step in steps {
            match step {
                Step::Columns(named) => {
                    if !columns.is_empty() {
                        self.pending.extend(wire::done(within, 0x11, rows));
                    }
                    columns = named.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
                    rows = 0;
                    self.pending.extend(wire::columns(&columns));
                }
                Step::Row(cells) => {
                    rows += 1;
                    self.pending.extend(wire::row(&columns, cells));
                }
                Step::Error(number, class, line, what) => {
                    failed = true;
                    self.pending.extend(wire::message(*number, *class, *line, what));
                }
                Step::Count(count) => {
                    self.pending.extend(wire::done(within, 0x11, *count));
                }
                Step::Finish(count) => {
                    self.pending.extend(wire::done(0xFD, 0x10, *count));
                    self.flush(true).await?;
                }
                Step::Raw(bytes) => self.pending.extend(bytes),
                Step::Route(host, port) => self.pending.extend(wire::routing(host, *port)),
                Step::Wait(time) => {
                    self.flush(false).await?;
                    tokio::select! {
                        () = sleep(*time) => {}
                        request = requests.recv() => match request {
                            None => return Err(io::ErrorKind::UnexpectedEof.into()),
                            Some(Request::Attention) => return self.acknowledge(record).await,
                            Some(other) => waiting.push_back(other),
                        },
                    }
                }
                Step::Cut => {
                    self.flush(false).await?;
                    return Err(io::ErrorKind::ConnectionAborted.into());
                }
                Step::CutInRow => {
                    self.pending.extend([0xD1, 4]);
                    self.flush(false).await?;
                    return Err(io::ErrorKind::ConnectionAborted.into());
                }
            }
            if self.pending.len() > 60_000 {
                self.flush(false).await?;
                match requests.try_recv() {
                    Ok(Request::Attention) => return self.acknowledge(record).await,
                    Ok(other) => waiting.push_back(other),
                    Err(_) => {}
                }
            }
        }
        let status = if failed { 0x2 } else { 0x10 };
        if is_call {
            self.pending.extend(wire::done(0xFF, status | 0x1, rows));
            self.pending.extend([0x79, 0, 0, 0, 0]);
            self.pending.extend(wire::done(0xFE, status & 0x2, 0));
        } else {
            self.pending.extend(wire::done(0xFD, status, rows));
        }
        self.flush(true).await
    }

    async fn acknowledge(&mut self, record: &Mutex<Vec<Request>>) -> io::Result<()> {
        locked(record).push(Request::Attention);
        self.pending.extend(wire::done(0xFD, 0x20, 0));
        self.flush(true).await
    }
}

/// One message of a client, of one packet or several: its type and its bytes.
async fn message(from: &mut OwnedReadHalf) -> io::Result<(u8, Vec<u8>)> {
    let mut body = Vec::new();
    loop {
        let mut header = [0; 8];
        from.read_exact(&mut header).await?;
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        let mut packet = vec![0; length.checked_sub(8).ok_or_else(|| wire::odd("a packet without its header"))?];
        from.read_exact(&mut packet).await?;
        body.extend(packet);
        if header[1] & 1 == 1 {
            return Ok((header[0], body));
        }
    }
}

async fn request(from: &mut OwnedReadHalf) -> io::Result<Request> {
    let (kind, body) = message(from).await?;
    let mut reader = Reader(&body);
    match kind {
        0x06 => Ok(Request::Attention),
        0x01 => {
            reader.skip_headers()?;
            let characters = reader.0.len() / 2;
            reader.text(characters).map(Request::Batch)
        }
        0x03 => {
            reader.skip_headers()?;
            if reader.number(2)? != 0xFFFF || reader.number(2)? != 10 {
                return Err(wire::odd("an RPC of another procedure than sp_executesql"));
            }
            reader.take(2)?;
            let (_, sql) = reader.parameter()?;
            let declared = if reader.0.is_empty() { None } else { reader.parameter()?.1 };
            let mut params = Vec::new();
            while !reader.0.is_empty() {
                params.push(reader.parameter()?);
            }
            Ok(Request::Call { sql: sql.unwrap_or_default(), declared: declared.unwrap_or_default(), params })
        }
        other => Err(wire::odd(&format!("a message of the type {other:#x}"))),
    }
}

/// The version that the client speaks, and its login.
fn read_login(body: &[u8]) -> io::Result<(u32, Login)> {
    let at = |place: usize, bytes: usize| {
        Reader(body.get(place..).unwrap_or_default()).number(bytes).map(|number| usize::try_from(number).unwrap_or(0))
    };
    let field = |place: usize| -> io::Result<Vec<u8>> {
        let (start, characters) = (at(place, 2)?, at(place + 2, 2)?);
        let bytes = body.get(start..start + characters * 2).ok_or_else(|| wire::odd("a login that ends too early"))?;
        Ok(bytes.to_vec())
    };
    let text = |bytes: Vec<u8>| Reader(&bytes).text(bytes.len() / 2);
    // The bytes of a password are turned around and mixed: that hides it from nobody.
    let password = field(44)?.into_iter().map(|byte| (byte ^ 0xA5).rotate_left(4)).collect();
    let login = Login {
        user: text(field(40)?)?,
        password: text(password)?,
        database: text(field(68)?)?,
        application: text(field(48)?)?,
        is_read_only: at(26, 1)? & 0x20 != 0,
    };
    Ok((u32::try_from(at(4, 4)?).unwrap_or_default(), login))
}
