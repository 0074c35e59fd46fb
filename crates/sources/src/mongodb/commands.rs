//! Views over the replies of commands, which have no collection.

use futures_util::future::try_join_all;
use mongodb::{
    bson::{Bson, Document, doc},
    error::{CommandError, ErrorKind},
};
use opsdash_core::contract::{Failure, FailureKind};
use opsdash_pack::dialect::MongoCommand;

use super::{MongoSession, decode, failure};
use crate::limits;

/// The wire version of MongoDB 5.1, the first with the stage `$documents`.
const DOCUMENTS_WIRE_VERSION: i32 = 14;

/// A stage that makes one document of all replies, each under its command's name.
///
/// When the server refuses a command, or the command does not apply to it, its error takes the place of the reply, and
/// the rest of the view stays known. A slow or unreachable server fails the whole read.
pub async fn replies_stage(session: &MongoSession<'_>, commands: &[MongoCommand]) -> Result<Document, Failure> {
    validate_version(session.wire_version)?;
    let replies = try_join_all(commands.iter().map(|command| run(session, command))).await?;
    let replies: Document = commands.iter().map(|command| command.name.clone()).zip(replies).collect();
    // As a literal, because a reply may hold names that look like operators.
    Ok(doc! { "$documents": [{ "$literal": replies }] })
}

fn validate_version(wire_version: i32) -> Result<(), Failure> {
    if wire_version >= DOCUMENTS_WIRE_VERSION {
        return Ok(());
    }
    let what = "a view of what commands tell needs MongoDB 5.1 or newer, for $documents";
    Err(Failure::new(FailureKind::Schema, what).of_object("$documents"))
}

async fn run(session: &MongoSession<'_>, command: &MongoCommand) -> Result<Bson, Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(FailureKind::Other, &format!("the command \"{}\": {error}", command.name))
    };
    let words = serde_json::Value::Object(command.words.clone());
    let Bson::Document(mut document) = decode::from_json(&words).map_err(|error| failed(&error))? else {
        return Err(failed(&"it is no document"));
    };
    document.insert("maxTimeMS", i64::try_from(session.work().as_millis()).unwrap_or(i64::MAX));
    let admin;
    let database = if command.on_admin {
        admin = session.database.client().database("admin");
        &admin
    } else {
        session.database
    };
    let reply = match database.run_command(document).selection_criteria(session.criteria.clone()).await {
        Ok(reply) => reply,
        Err(error) => match &*error.kind {
            ErrorKind::Command(error) if concerns_command(failure::kind_of_code(error.code)) => refusal(error),
            _ => return Err(session.failure(&error)),
        },
    };
    bounded(reply).map_err(|error| failed(&error))
}

/// Whether an error is about the command, not about the server.
fn concerns_command(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Privilege | FailureKind::Schema | FailureKind::Other)
}

fn refusal(error: &CommandError) -> Document {
    doc! { "ok": 0, "code": error.code, "codeName": &error.code_name, "errmsg": &error.message }
}

/// The reply without the cluster's times. A reply over [`limits::COMMAND_REPLY_BYTES`] becomes an error document.
fn bounded(mut reply: Document) -> mongodb::bson::error::Result<Bson> {
    reply.remove("$clusterTime");
    reply.remove("operationTime");
    let bytes = reply.to_vec()?.len();
    if bytes > limits::COMMAND_REPLY_BYTES {
        let what = format!("the reply has {bytes} bytes, more than {}", limits::COMMAND_REPLY_BYTES);
        reply = doc! { "ok": 0, "code": 0, "codeName": "ReplyTooLarge", "errmsg": what };
    }
    Ok(reply.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_without_the_documents_stage_is_refused() {
        // 5.0 and 6.0.
        let failure = validate_version(13).unwrap_err();
        assert_eq!((failure.kind, failure.object.as_deref()), (FailureKind::Schema, Some("$documents")));
        assert_eq!(validate_version(17), Ok(()));
    }

    #[test]
    fn a_reply_is_bounded_and_keeps_none_of_the_clusters_signatures() {
        let reply = doc! { "ok": 1, "$clusterTime": { "signature": "x" }, "operationTime": 1 };
        assert_eq!(bounded(reply).unwrap(), Bson::Document(doc! { "ok": 1 }));
        let Bson::Document(large) = bounded(doc! { "ok": 1, "log": "x".repeat(limits::COMMAND_REPLY_BYTES) }).unwrap()
        else {
            panic!("no document")
        };
        assert_eq!((large.get_i32("ok").unwrap(), large.get_str("codeName").unwrap()), (0, "ReplyTooLarge"));
    }
}
