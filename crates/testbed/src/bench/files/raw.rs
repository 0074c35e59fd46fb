//! The least that reading a file from `mongod` takes: its wire protocol, answers as large as it gives, and each chunk's
//! bytes as they are into `sha256sum`, which works while the next ones are fetched. A driver would only be slower, and one
//! that is not optimized, as this program is not, much slower.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};

use anyhow::{Context, Result, bail};
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Document, RawBsonRef, RawDocument, doc};

use crate::sample::cybersensei::{BUCKET, FILES_DATABASE};

/// `OP_MSG`.
const MESSAGE: i32 = 2013;
/// Of a message: header, flags, and the kind of its one section.
const HEAD: usize = 16 + 4 + 1;
/// Answers that wait for `sha256sum`.
const WAITING: usize = 2;

/// The SHA-256 of a stored file, as `sha256sum` says it.
pub(super) fn sha256(port: u16, file: ObjectId) -> Result<String> {
    let summing = Command::new("sha256sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut summing = summing.context("sha256sum, of coreutils, is needed")?;
    let mut input = summing.stdin.take().context("it is piped")?;
    let (answers, waiting) = sync_channel(WAITING);
    let poured = std::thread::spawn(move || write(&mut input, &waiting));
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    server.set_nodelay(true)?;
    let chunks = format!("{BUCKET}.chunks");
    let find = doc! {
        "find": &chunks, "$db": FILES_DATABASE, "filter": { "files_id": file }, "sort": { "n": 1 },
        "projection": { "_id": 0, "data": 1 }, "batchSize": 1_000,
    };
    let mut answer = ask(&mut server, &find)?;
    loop {
        let cursor = document(&answer)?.get_document("cursor")?.get_i64("id")?;
        answers.send(answer).context("sha256sum takes no more")?;
        if cursor == 0 {
            break;
        }
        let more = doc! { "getMore": cursor, "$db": FILES_DATABASE, "collection": &chunks, "batchSize": 1_000 };
        answer = ask(&mut server, &more)?;
    }
    drop(answers);
    poured.join().map_err(|_| anyhow::anyhow!("writing broke off"))??;
    let output = summing.wait_with_output()?;
    let text = String::from_utf8(output.stdout)?;
    Ok(text.split_whitespace().next().context("sha256sum says nothing")?.to_owned())
}

fn ask(server: &mut TcpStream, command: &Document) -> Result<Vec<u8>> {
    let body = command.to_vec()?;
    let mut message = Vec::with_capacity(HEAD + body.len());
    for number in [i32::try_from(HEAD + body.len())?, 1, 0, MESSAGE, 0] {
        message.extend(number.to_le_bytes());
    }
    message.push(0);
    message.extend(body);
    server.write_all(&message)?;
    let mut length = [0; 4];
    server.read_exact(&mut length)?;
    let mut answer = vec![0; usize::try_from(i32::from_le_bytes(length))?];
    answer[..4].copy_from_slice(&length);
    server.read_exact(&mut answer[4..])?;
    Ok(answer)
}

fn document(answer: &[u8]) -> Result<&RawDocument> {
    Ok(RawDocument::from_bytes(answer.get(HEAD..).context("an answer is longer")?)?)
}

/// Takes answers in, and hands the bytes of their chunks on.
fn write(input: &mut ChildStdin, answers: &Receiver<Vec<u8>>) -> Result<()> {
    for answer in answers {
        let answer = document(&answer)?;
        let Ok(cursor) = answer.get_document("cursor") else { bail!("the server says {answer:?}") };
        let batch = cursor.get_array("firstBatch").or_else(|_| cursor.get_array("nextBatch"))?;
        for chunk in batch {
            let RawBsonRef::Document(chunk) = chunk? else { bail!("a chunk is a document") };
            input.write_all(chunk.get_binary("data")?.bytes)?;
        }
    }
    Ok(())
}
