//! A `.json` query of a pack.

use super::Param;

/// One MongoDB read: a find or an aggregate in extended JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct MongoQuery {
    /// Where it stands, for messages.
    pub file: String,
    /// The collection.
    pub collection: String,
    /// The stages of an aggregate; a find is one too (`$match`, `$sort`, `$project`, `$limit`).
    /// `{"$param": name, "type": ..}` is filled in when it is asked.
    pub pipeline: Vec<serde_json::Value>,
    /// Names of its parameters.
    pub params: Vec<Param>,
}
