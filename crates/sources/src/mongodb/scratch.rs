//! Fills and drops databases for tests; see [`crate::scratch`].

use std::sync::Arc;

use mongodb::{
    Client, Database,
    bson::{Bson, Document},
};
use opsdash_core::contract::{Failure, FailureKind};
use opsdash_pack::config::{Secret, SourceConfig};
use tokio::time::timeout;

use super::{endpoint, failure};
use crate::{limits, secrets::Secrets};

/// A client that fills and drops databases.
pub struct MongoScratch {
    client: Client,
    label: String,
}

impl MongoScratch {
    /// Makes a client for the server that the config names; it connects at its first command.
    pub async fn open(config: &SourceConfig, application: &str) -> Result<Self, Failure> {
        let secrets: Arc<dyn Secrets> = Arc::new(None::<Secret>);
        let endpoint = endpoint::endpoints(config, &secrets, application)?.remove(0);
        let client = endpoint.open().await?.database.client().clone();
        Ok(Self { client, label: endpoint.label.clone() })
    }

    pub async fn insert(&self, name: &str, collection: &str, documents: Vec<serde_json::Value>) -> Result<(), Failure> {
        let documents: Vec<Document> = documents.into_iter().map(|json| document(&json)).collect::<Result<_, _>>()?;
        if documents.is_empty() {
            return self.within(async |database| database.create_collection(collection).await, name).await;
        }
        let collection = async |database: &Database| {
            database.collection::<Document>(collection).insert_many(documents).await.map(drop)
        };
        self.within(collection, name).await
    }

    pub async fn drop_database(&self, name: &str) -> Result<(), Failure> {
        self.within(async |database| database.drop().await, name).await
    }

    async fn within(
        &self,
        work: impl AsyncFnOnce(&Database) -> Result<(), mongodb::error::Error>,
        name: &str,
    ) -> Result<(), Failure> {
        match timeout(limits::SCRATCH, work(&self.client.database(name))).await {
            Ok(done) => done.map_err(|error| failure::of(&error, &self.label)),
            Err(_) => Err(Failure::new(FailureKind::Timeout, &format!("{}: no answer", self.label))),
        }
    }
}

/// A document in extended JSON: `{"_id": {"$oid": ".."}}`.
fn document(json: &serde_json::Value) -> Result<Document, Failure> {
    let wrong = |what: String| Failure::new(FailureKind::Other, &what);
    match super::decode::from_json(json) {
        Ok(Bson::Document(document)) => Ok(document),
        Ok(other) => Err(wrong(format!("a {:?} is no document", other.element_type()))),
        Err(error) => Err(wrong(format!("this is no extended JSON: {error}"))),
    }
}
