//! Views that begin with the replies of commands rather than with a collection.

use futures_util::future::try_join_all;
use mongodb::{
    bson::{Bson, Document, doc},
    error::{CommandError, ErrorKind},
};
use opsdash_core::contract::{Failure, FailureKind};
use opsdash_pack::dialect::MongoCommand;

use super::{MongoSession, failure};
use crate::limits;

/// The wire version of MongoDB 5.1, the first that knows `$documents`.
const WITH_DOCUMENTS: i32 = 14;

/// The stage that makes one document of the replies, each under its command's name.
///
/// A command that the server refuses, or that does not apply to it, leaves its error there: what it would have told is
/// unknown, and the rest of the view is not. A server that is slow or gone fails the whole.
pub async fn replies(session: &MongoSession<'_>, commands: &[MongoCommand]) -> Result<Document, Failure> {
    validate_version(session.wire_version)?;
    let told = try_join_all(commands.iter().map(|command| reply(session, command))).await?;
    let replies: Document = commands.iter().map(|command| command.name.clone()).zip(told).collect();
    // As a literal, for a reply may hold what looks like an operator.
    Ok(doc! { "$documents": [{ "$literal": replies }] })
}

fn validate_version(wire_version: i32) -> Result<(), Failure> {
    if wire_version >= WITH_DOCUMENTS {
        return Ok(());
    }
    let what = "a view of what commands tell needs MongoDB 5.1 or newer, for $documents";
    Err(Failure::new(FailureKind::Schema, what).of_object("$documents"))
}

async fn reply(session: &MongoSession<'_>, command: &MongoCommand) -> Result<Bson, Failure> {
    let unread = |error: &dyn std::fmt::Display| {
        Failure::new(FailureKind::Other, &format!("the command \"{}\": {error}", command.name))
    };
    let words = serde_json::Value::Object(command.words.clone());
    let mut words: Document = serde_json::from_value(words).map_err(|error| unread(&error))?;
    words.insert("maxTimeMS", i64::try_from(session.work().as_millis()).unwrap_or(i64::MAX));
    let admin;
    let database = if command.on_admin {
        admin = session.database.client().database("admin");
        &admin
    } else {
        session.database
    };
    let told = match database.run_command(words).selection_criteria(session.criteria.clone()).await {
        Ok(told) => told,
        Err(error) => match &*error.kind {
            ErrorKind::Command(said) if is_of_command(failure::kind_of_code(said.code)) => refusal(said),
            _ => return Err(session.failure(&error)),
        },
    };
    bounded(told).map_err(|error| unread(&error))
}

/// Whether an error is about the command rather than about the server.
fn is_of_command(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Privilege | FailureKind::Schema | FailureKind::Other)
}

fn refusal(said: &CommandError) -> Document {
    doc! { "ok": 0, "code": said.code, "codeName": &said.code_name, "errmsg": &said.message }
}

/// The reply without the cluster's own notes, or word that it is too large to be sent back.
fn bounded(mut reply: Document) -> mongodb::bson::error::Result<Bson> {
    reply.remove("$clusterTime");
    reply.remove("operationTime");
    let bytes = reply.to_vec()?.len();
    if bytes > limits::REPLY {
        let what = format!("the reply has {bytes} bytes, more than {}", limits::REPLY);
        reply = doc! { "ok": 0, "code": 0, "codeName": "ReplyTooLarge", "errmsg": what };
    }
    Ok(reply.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_too_old_is_told_by_what_it_lacks() {
        // 5.0 and 6.0.
        let failure = validate_version(13).unwrap_err();
        assert_eq!((failure.kind, failure.object.as_deref()), (FailureKind::Schema, Some("$documents")));
        assert_eq!(validate_version(17), Ok(()));
    }

    #[test]
    fn a_reply_is_bounded_and_keeps_none_of_the_clusters_signatures() {
        let reply = doc! { "ok": 1, "$clusterTime": { "signature": "x" }, "operationTime": 1 };
        assert_eq!(bounded(reply).unwrap(), Bson::Document(doc! { "ok": 1 }));
        let Bson::Document(large) = bounded(doc! { "ok": 1, "log": "x".repeat(limits::REPLY) }).unwrap() else {
            panic!("no document")
        };
        assert_eq!((large.get_i32("ok").unwrap(), large.get_str("codeName").unwrap()), (0, "ReplyTooLarge"));
    }
}
