//! What is CyberSensei's own: its texts, its views, what groups its errors.

mod grouping;
mod text;
mod views;
