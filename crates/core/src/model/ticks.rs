use std::collections::BTreeMap;

use crate::time::Time;

/// That somebody has looked, and found that something is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandTick {
    /// Who.
    pub by: String,
    /// When.
    pub at: Time,
}

/// The ticks of one target that people have set, by `<checklist>.<tick>`.
pub type HandTicks = BTreeMap<String, HandTick>;
