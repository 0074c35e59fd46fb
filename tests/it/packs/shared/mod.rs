//! What the shared packs tell of PostgreSQL and MongoDB.

mod mongodb;
mod postgres;
mod statements;
